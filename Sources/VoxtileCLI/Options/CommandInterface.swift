import ArgumentParser

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The commands of the program and their options, as ArgumentParser describes them.
struct CommandInterface {
  /// A command.
  struct Command {
    let name: String
    let options: [Option]
  }

  /// An option.
  struct Option {
    /// Its names with their dashes, such as `-j` and `--jobs`.
    let names: [String]
    /// Whether a value follows.
    let takesValue: Bool
    let valueName: String?
    /// The values that it can have, where these are a few words.
    let values: [String]
  }

  private let types: [any ParsableCommand.Type]

  /// Describes the subcommands of a program, each one when it is asked for.
  init(of program: any ParsableCommand.Type) { types = program.configuration.subcommands }

  /// The names of all commands.
  var names: [String] { types.compactMap { $0.configuration.commandName } }

  /// All commands.
  var commands: [Command] { types.compactMap(Self.describe) }

  /// The command of a name.
  func command(named name: String?) -> Command? {
    types.first { $0.configuration.commandName == name }.flatMap(Self.describe)
  }

  private static func describe(_ type: any ParsableCommand.Type) -> Command? {
    guard let dump = try? JSONDecoder().decode(Dump.self, from: Data(type._dumpHelp().utf8)) else {
      return nil
    }
    return Command(
      name: dump.command.commandName,
      options: (dump.command.arguments ?? []).filter { $0.kind != "positional" }.map { argument in
        Option(
          names: (argument.names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name },
          takesValue: argument.kind == "option", valueName: argument.valueName,
          values: argument.allValues ?? [])
      })
  }

  /// The parts of the description that are needed.
  private struct Dump: Decodable {
    struct Command: Decodable {
      var commandName: String
      var arguments: [Argument]?
    }
    struct Argument: Decodable {
      var kind: String
      var names: [Name]?
      var valueName: String?
      var allValues: [String]?
    }
    struct Name: Decodable {
      var kind: String
      var name: String
    }
    var command: Command
  }
}

extension CommandInterface.Command {
  /// The option of a name, or of a short name with its value joined, such as `-j2`.
  func option(named name: String) -> CommandInterface.Option? {
    options.first { $0.names.contains(name) }
      ?? options.first { option in
        option.takesValue && name.dropFirst(2).allSatisfy(\.isNumber)
          && option.names.contains(String(name.prefix(2)))
      }
  }

  /// The first argument that looks like an option and is none.
  func unknownOption(in arguments: [String]) -> String? {
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      index += 1
      if argument == "--" { return nil }
      guard argument.hasPrefix("-"), argument != "-", Double(argument) == nil else { continue }
      let name = argument.split(separator: "=", maxSplits: 1).first.map(String.init) ?? argument
      guard let option = option(named: name) else { return name }
      // The value of an option may begin with a dash only where it is a number.
      let isJoined = argument.contains("=") || !option.names.contains(name)
      if option.takesValue, !isJoined, index < arguments.count {
        if !arguments[index].hasPrefix("-") || Double(arguments[index]) != nil { index += 1 }
      }
    }
    return nil
  }
}
