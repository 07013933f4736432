import ArgumentParser
import Voxtile
import VoxtileInference

/// How predictions become labels.
struct PredictionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What turns merged values into probabilities. By default softmax, or sigmoid where there is one channel.",
      valueName: "name"))
  var activation = Activation.automatic

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The least probability that makes a label with --activation sigmoid, or with --activation none and one channel.",
      valueName: "probability"))
  var threshold = 0.5

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The label to write for each channel of the network, joined by commas. By default channels are counted from 0, with "
        + "sigmoid from 1; there, later channels win.", valueName: "0,2,3,41"))
  var labels: LabelsArgument?

  @Option(
    name: .customLong("probability-type"),
    help: ArgumentHelp(
      "The type that probabilities and confidence are stored as: float32; uint8 or uint16, a quarter or half of the bytes, with the "
        + "scaling in the header (NIfTI); or float16 (NumPy, OME-Zarr). Predictions are kept as float32 or float16.",
      valueName: "type"))
  var probabilityType = ProbabilityType.float32

  func validate() throws {
    guard threshold > 0, threshold < 1 else {
      throw ValidationError("--threshold \(threshold) makes no labels; use more than 0 and less than 1")
    }
  }

  /// Puts the options into settings.
  func apply(to settings: inout InferenceSettings, defaults: ModelDefaults) {
    settings.activation = activation
    settings.labels = LabelRule(values: labels?.values, names: defaults.labelNames, threshold: threshold)
  }
}

/// Whole numbers joined by commas.
struct LabelsArgument: ExpressibleByArgument {
  let values: [Int]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let values = parts.compactMap { Int($0) }
    guard values.count == parts.count else { return nil }
    self.values = values
  }
}

/// What probabilities are stored as.
enum ProbabilityType: String, ExpressibleByArgument, CaseIterable {
  case float32, uint8, uint16, float16

  /// The kinds of output that are stored so; all others are as they are.
  static let kinds: Set<PredictionKind> = [.probabilities, .confidence]

  /// The whole numbers that are stored; `nil` where the probabilities themselves are.
  func wholeNumbers(for kind: PredictionKind) -> ScalarType? {
    guard Self.kinds.contains(kind) else { return nil }
    return switch self {
    case .uint8: .uint8
    case .uint16: .uint16
    case .float32, .float16: nil
    }
  }
}
