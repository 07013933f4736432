import ArgumentParser

/// How much is said, shared by every command.
struct MessageOptions: ParsableArguments {
  @Flag(name: [.short, .long], help: "Say nothing but results and errors.")
  var quiet = false

  @Flag(help: "Also say what is read and written, how long it takes, and how much memory.")
  var verbose = false

  func validate() throws {
    if quiet && verbose { throw ValidationError("--quiet and --verbose contradict each other") }
  }

  /// Lets the console keep to it.
  func apply() {
    Console.level = quiet ? .quiet : verbose ? .verbose : .usual
  }
}

/// A command whose messages can be fewer or more.
protocol MessagingCommand: ParsableCommand {
  /// How much it says.
  var messages: MessageOptions { get }
}
