/// A value that an option cannot take, and why.
struct ValueFault {
  /// One line: the option, the value, and what is wrong or what there is instead.
  let message: String

  /// The options whose values say themselves what is wrong.
  private static var explained: [String: any ExplainedArgument.Type] {
    [
      "--patch": PatchArgument.self, "--multiple-of": PatchArgument.self, "--overlap": OverlapArgument.self,
      "--edge": EdgeArgument.self, "--memory": MemoryArgument.self,
    ]
  }

  /// Finds the fault in a message of ArgumentParser; `nil` where it is about something else.
  init?(_ text: String, of command: CommandInterface.Command) {
    guard let match = text.firstMatch(of: /^The value '(?s:(.*?))' is invalid for '(-[^ ']+)[^']*'/) else {
      return nil
    }
    let (value, name) = (String(match.1), String(match.2))
    let option = command.option(named: name)
    if let type = option?.names.lazy.compactMap({ Self.explained[$0] }).first,
      let fault = type.fault(in: value)
    {
      message = "\(name) \(value): \(fault)"
    } else if let values = option?.values, !values.isEmpty {
      let suggestion = UsageError.suggestion(for: value, among: values)
      message =
        "\(name) \(value): there is no such value"
        + (suggestion.isEmpty ? "; use \(values.joined(separator: ", "))" : suggestion)
    } else if option?.valueName == "n" {
      message = "\(name) \(value): this should be a whole number"
    } else {
      message = "\(name) \(value): this value cannot be used here"
    }
  }
}

/// An argument that says what is wrong with a value that it does not take.
protocol ExplainedArgument {
  /// What is wrong, or `nil`.
  static func fault(in argument: String) -> String?
}
