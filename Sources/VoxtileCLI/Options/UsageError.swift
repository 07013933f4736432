import ArgumentParser

/// What is said about arguments that cannot be understood: what is wrong first, in one line, and what to write instead.
///
/// ArgumentParser stops at the first thing that it misses. A misspelled option is then answered with another one that is missing.
struct UsageError {
  /// One line.
  let message: String
  /// What follows: how the command is used, where that helps.
  let usage: String

  /// Describes an error of parsing; `nil` where ArgumentParser's own words have to do.
  ///
  /// - Parameter said: what ArgumentParser says of the error: one line or more, then how the command is used.
  init?(_ said: String, arguments: [String], of interface: CommandInterface) {
    let command = interface.command(named: arguments.first)
    guard let command else {
      guard let name = arguments.first, !name.hasPrefix("-") else { return nil }
      message =
        "there is no command '\(name)'" + Self.suggestion(for: name, among: interface.names)
      usage = "Usage: voxtile <subcommand>\n  See 'voxtile --help' for more information."
      return
    }
    let lines = said.split(separator: "\n").map(String.init)
    // An error from before the command was known shows how the program is used.
    let own = lines.filter { $0.hasPrefix("Usage: voxtile \(command.name) ") }
    usage =
      ((own.isEmpty ? Self.usage(of: command.name) : own) + [
        "  See 'voxtile \(command.name) --help' for more information."
      ])
      .joined(separator: "\n")
    let rest = Array(arguments.dropFirst())
    if let unknown = command.unknownOption(in: rest) {
      message = Self.message(forUnknown: unknown, of: command, interface)
    } else if let split = Self.splitMemory(in: rest) {
      message = split
    } else if let empty = Self.emptyArgument(in: rest) {
      message = empty
    } else if let fault = ValueFault(Self.message(in: said), arguments: rest, of: command) {
      message = fault.message
    } else {
      message = Self.message(in: said).split(separator: "\n").first.map(String.init) ?? ""
    }
  }

  /// What is wrong, without what follows. Asking ArgumentParser again would check all commands again in a debug build.
  private static func message(in said: String) -> String {
    let end =
      ["\nHelp:  ", "\nUsage: "].compactMap { said.firstRange(of: $0)?.lowerBound }.min() ?? said.endIndex
    let text = said[..<end]
    return String(text.hasPrefix("Error: ") ? text.dropFirst("Error: ".count) : text)
  }

  private static func message(
    forUnknown option: String, of command: CommandInterface.Command, _ interface: CommandInterface
  ) -> String {
    let suggestion = suggestion(for: option, among: command.options.flatMap(\.names))
    guard suggestion.isEmpty else { return "there is no option '\(option)'" + suggestion }
    let others = interface.commands.filter { $0.option(named: option) != nil }.map(\.name)
    guard others.isEmpty else {
      return "'\(option)' is an option of \(others.joined(separator: ", ")), not of \(command.name)"
    }
    return "there is no option '\(option)'"
  }

  private static func usage(of command: String) -> [String] {
    VoxtileCommand.configuration.subcommands.filter { $0.configuration.commandName == command }
      .map { "Usage: " + VoxtileCommand.usageString(for: $0) }
  }

  /// An argument without a character, as a shell makes of a variable that is not set; only a suffix may be empty.
  static func emptyArgument(in arguments: [String]) -> String? {
    for (index, argument) in arguments.enumerated() {
      let previous = index > 0 ? arguments[index - 1] : ""
      if argument.isEmpty, previous != "--suffix" {
        return previous.hasPrefix("-")
          ? "\(previous) is followed by an empty argument; give it a value"
          : "argument \(index + 1) is empty; name a file"
      }
      if argument.hasPrefix("--"), argument.hasSuffix("="), argument != "--suffix=" {
        return "\(argument) is followed by nothing; give it a value"
      }
    }
    return nil
  }

  /// `--memory 2 GB` in two words.
  private static func splitMemory(in arguments: [String]) -> String? {
    for (index, argument) in arguments.enumerated()
    where argument == "--memory" && index + 2 < arguments.count {
      let (number, unit) = (arguments[index + 1], arguments[index + 2])
      if Double(number) != nil, MemoryArgument.isUnit(unit) {
        return "--memory \(number) \(unit) is two words; write --memory \(number)\(unit)"
      }
    }
    return nil
  }

  /// What may be meant by a word that is not known; empty where nothing is near.
  static func suggestion(for word: String, among known: [String]) -> String {
    let bare = word.drop { $0 == "-" }
    let near = known.map { (name: $0, distance: distance(String(bare), String($0.drop { $0 == "-" }))) }
      .filter { $0.distance <= max(1, bare.count / 3) && $0.name.count > 2 }
      .min { $0.distance < $1.distance }
    return near.map { "; did you mean '\($0.name)'?" } ?? ""
  }

  /// How many letters have to be added, removed, replaced or swapped with the next one.
  private static func distance(_ a: String, _ b: String) -> Int {
    // A word of any length must not take long.
    let (a, b) = (Array(a.lowercased().prefix(64)), Array(b.lowercased().prefix(64)))
    var rows = [Array(0...b.count)]
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var least = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, rows[i - 1][j - 1] + 1) }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
