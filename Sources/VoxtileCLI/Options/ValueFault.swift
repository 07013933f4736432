import Voxtile

/// A value that an option cannot take, and why.
struct ValueFault {
  /// One line: the option, the value, and what is wrong or what there is instead.
  let message: String

  /// The options whose values say themselves what is wrong.
  private static var explained: [String: any ExplainedArgument.Type] {
    [
      "--patch": PatchArgument.self, "--chunk": ChunkArgument.self, "--multiple-of": PatchArgument.self,
      "--overlap": OverlapArgument.self,
      "--edge": EdgeArgument.self, "--memory": MemoryArgument.self, "--padding": Padding.self,
      "--scale": ScaleArgument.self, "--count": SampleCountArgument.self, "--cover": CoverArgument.self,
      "--ratio": LabelPairsArgument.self, "--labels-map": LabelPairsArgument.self,
      "--lesion-classes": LabelListArgument.self, "--placement": PlacementArgument.self,
      "--negatives": ShareArgument.self, "--min-foreground": ShareArgument.self,
      "--min-tissue": ShareArgument.self, "--max-overlap": ShareArgument.self, "--hard": ShareArgument.self,
      "--split": ShareArgument.self, "--spacing": SpacingArgument.self, "--size": PatchArgument.self,
      "--provider-option": ProviderSetting.self, "--task": TaskArgument.self, "--align": ReachArgument.self,
      "--halo": ReachArgument.self,
      "--orientation": OrientationArgument.self,
    ]
  }

  /// Finds the fault in a message of ArgumentParser; `nil` where it is about something else.
  ///
  /// - Parameter arguments: what was typed after the command.
  init?(_ text: String, arguments: [String], of command: CommandInterface.Command) {
    if let match = text.firstMatch(of: /^The value '(?s:(.*?))' is invalid for '(-[^ ']+)[^']*'/) {
      self.init(value: String(match.1), name: String(match.2), of: command)
    } else if let match = text.firstMatch(of: /^Missing value for '(-[^ ']+)[^']*'/),
      let index = arguments.lastIndex(of: String(match.1)), index + 1 < arguments.count,
      arguments[index + 1].contains(/^-[0-9.]/)
    {
      // A negative number is taken for another option.
      self.init(value: arguments[index + 1], name: String(match.1), of: command)
    } else {
      return nil
    }
  }

  private init(value: String, name: String, of command: CommandInterface.Command) {
    let option = command.option(named: name)
    // `--edge` of sample has other values than that of a grid.
    if option?.values != SmallScanPolicy.allCases.map(\.rawValue),
      let type = option?.names.lazy.compactMap({ Self.explained[$0] }).first,
      let fault = type.fault(in: value)
    {
      message = "\(name) \(value): \(fault)"
    } else if let values = option?.values, !values.isEmpty {
      let suggestion = UsageError.suggestion(for: value, among: values)
      message =
        "\(name) \(value): there is no such value"
        + (suggestion.isEmpty ? "; use \(values.joined(separator: ", "))" : suggestion)
    } else if option?.valueName == "n" {
      message =
        "\(name) \(value): this should be a whole number"
        + (value.hasPrefix("-") ? " that is not negative" : "")
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
