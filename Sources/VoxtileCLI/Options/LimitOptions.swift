import ArgumentParser
import Voxtile

/// How much of the machine is used, shared by every command that can do with less.
struct LimitOptions: ParsableArguments {
  @OptionGroup var work: JobOptions

  @Option(
    help: ArgumentHelp(
      "The most memory to use; what does not fit is read in smaller parts. The result is the same.",
      valueName: "2GiB"))
  var memory: MemoryArgument?

  /// How much of the machine may be used.
  var limits: JobLimits { JobLimits(jobs: work.threads, memory: memory?.bytes) }
}

/// The limits of a later crop and merge, shared by the commands that only say what these would need.
struct PlannedLimitOptions: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "How many threads a crop and merge may use; by default all cores. It changes only the memory that the page says they "
        + "need.", valueName: "n"))
  var jobs: Int?

  @Option(
    help: ArgumentHelp(
      "The most memory that a crop and merge may use. It changes only what the page says of them.",
      valueName: "2GiB"))
  var memory: MemoryArgument?

  func validate() throws { try JobOptions.check(jobs) }

  /// How much of the machine they may use.
  var limits: JobLimits { JobLimits(jobs: jobs.map { Jobs($0) } ?? .all, memory: memory?.bytes) }
}
