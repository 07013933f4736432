import ArgumentParser

/// The options of the command line as they were typed, as far as they decide what is in a result.
enum TypedOptions {
  /// Options that say where results go, what is printed, and how much of the machine is used. What is read is known by its content, and
  /// the provider by what it turned out to be.
  private static let passedOver: Set<String> = [
    "--output", "--model", "--nnunet", "--task", "--task-labels", "--mask", "--cases", "--recursive",
    "--like", "--as-channels", "--as-cases",
    "--name",
    "--resume", "--force",
    "--fail-fast", "--part", "--parallel", "--dry-run", "--json", "--jobs", "--memory", "--report",
    "--reports", "--quiet", "--progress-lines",
    "--verbose", "--truth", "--onnxruntime", "--compression", "--provider",
  ]

  /// The options of this process's command line, which is that of a command.
  static func settings(of command: String) -> [String: String] {
    CommandInterface(of: VoxtileCommand.self).command(named: command).map {
      settings(Array(Program.arguments.dropFirst()), of: $0)
    } ?? [:]
  }

  /// The options by name, each with its values; one without a value stands for itself.
  ///
  /// - Parameter arguments: those after the name of the command.
  static func settings(_ arguments: [String], of command: CommandInterface.Command) -> [String: String] {
    var settings: [String: String] = [:]
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      index += 1
      if argument == "--" { break }
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      guard argument.hasPrefix("-"), let typed = parts.first, let option = command.option(named: typed) else {
        continue
      }
      let name = option.names.max { $0.count < $1.count } ?? typed
      var value = parts.count > 1 ? parts[1] : option.names.contains(typed) ? "" : String(typed.dropFirst(2))
      if option.takesValue, parts.count == 1, option.names.contains(typed), index < arguments.count {
        value = arguments[index]
        index += 1
      }
      guard !passedOver.contains(name) else { continue }
      settings[name] = settings[name].map { "\($0) \(value)" } ?? value
    }
    return settings
  }
}
