import ArgumentParser
import Voxtile

/// How much of the machine a job may use.
struct LimitOptions: ParsableArguments {
  @Option(
    name: [.customShort("j", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp(
      "How many threads work; by default one for each core. The result is the same.", valueName: "n"))
  var jobs: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The most memory to use. What does not fit is read in smaller parts. The result is the same.",
      valueName: "2GiB"))
  var memory: MemoryArgument?

  func validate() throws { try Self.check(jobs) }

  /// How much of the machine may be used.
  var limits: JobLimits { Self.limits(jobs: jobs, memory: memory) }

  /// Checks a number of threads.
  static func check(_ jobs: Int?) throws {
    if let jobs, !(1...1024).contains(jobs) {
      throw ValidationError("--jobs \(jobs) is out of range; use 1 to 1024")
    }
  }

  fileprivate static func limits(jobs: Int?, memory: MemoryArgument?) -> JobLimits {
    JobLimits(jobs: jobs.map { Jobs($0) } ?? .all, memory: memory?.bytes)
  }
}

/// The limits of a later crop and merge, for commands that show what these would need, and of making the page that does so.
struct PlannedLimitOptions: ParsableArguments {
  @Option(
    name: [.customShort("j", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp(
      "How many threads a crop and merge may use; by default one for each core. It changes only the memory that the page "
        + "shows for them.", valueName: "n"))
  var jobs: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The most memory for making the page, and for the crop and merge whose needs it shows. Pictures become smaller where "
        + "they do not fit.",
      valueName: "2GiB"))
  var memory: MemoryArgument?

  func validate() throws { try LimitOptions.check(jobs) }

  /// How much of the machine a crop and merge may use.
  var limits: JobLimits { LimitOptions.limits(jobs: jobs, memory: memory) }
}
