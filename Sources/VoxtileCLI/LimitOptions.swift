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
