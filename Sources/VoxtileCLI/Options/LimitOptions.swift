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

  /// The most memory to use, in bytes.
  var memoryLimit: Int? { memory?.bytes }

  /// The number of threads.
  var threads: Jobs { work.threads }
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

  /// The number of threads.
  var threads: Jobs { jobs.map { Jobs($0) } ?? .all }
}
