import ArgumentParser
import Voxtile

/// How many threads work, shared by every command that works on voxels.
struct JobOptions: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: ArgumentHelp("How many threads work; by default all cores. The result is the same.", valueName: "n")
  )
  var jobs: Int?

  func validate() throws { try Self.check(jobs) }

  /// Makes sure that there can be so many threads.
  static func check(_ jobs: Int?) throws {
    if let jobs, !(1...1024).contains(jobs) {
      throw ValidationError("--jobs \(jobs) is out of range; use 1 to 1024")
    }
  }

  /// The number of threads.
  var threads: Jobs { jobs.map { Jobs($0) } ?? .all }
}
