import ArgumentParser

/// How many messages are printed, for every command.
struct MessageOptions: ParsableArguments {
  @Flag(name: [.short, .long], help: "Print only results and errors.")
  var quiet = false

  @Flag(help: "Also print what is read and written, how long it takes, and how much memory it needs.")
  var verbose = false

  @Flag(
    help: ArgumentHelp(
      "Print how far the job is as lines such as 'progress infer 12/40', for programs that start this one.",
      discussion:
        "They go where messages go, the standard error, also with --quiet. A line such as 'failure targetExists' before an "
        + "error says its kind."))
  var progressLines = false

  func validate() throws {
    if quiet && verbose { throw ValidationError("--quiet and --verbose contradict each other") }
  }

  /// Sets the level of the console.
  func apply() {
    Console.level = quiet ? .quiet : verbose ? .verbose : .usual
    Console.printsProgressLines = progressLines
  }
}

/// A command that prints messages.
protocol MessagingCommand: ParsableCommand {
  /// How many messages it prints.
  var messages: MessageOptions { get }
}
