import ArgumentParser
import Voxtile

/// How much of the machine is used, shared by every command that works on voxels.
struct LimitOptions: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: ArgumentHelp("How many threads work; by default all cores. The result is the same.", valueName: "n")
  )
  var jobs: Int?

  @Option(
    help: ArgumentHelp(
      "The most memory to use; what does not fit is read in smaller parts. The result is the same.",
      valueName: "2GiB"))
  var memory: MemoryArgument?

  func validate() throws {
    if let jobs, !(1...1024).contains(jobs) {
      throw ValidationError("--jobs \(jobs) is out of range; use 1 to 1024")
    }
  }

  /// The most memory to use, in bytes.
  var memoryLimit: Int? { memory?.bytes }

  /// The number of threads.
  var threads: Jobs { jobs.map { Jobs($0) } ?? .all }
}
