import ArgumentParser
import VoxtileInference

/// The kinds of output of a prediction: one or several, joined by commas; or `predictions`, to keep what the network gives of each
/// patch and merge it later.
struct KindsArgument: ExpressibleByArgument {
  /// A label map.
  static let labels = KindsArgument(kinds: [.labels], storesPredictions: false)

  /// The word for predictions that are kept.
  static let predictions = "predictions"

  static let allValueStrings = PredictionKind.allCases.map(\.rawValue) + [predictions]

  /// What is written of the merged predictions.
  let kinds: [PredictionKind]
  /// Whether predictions are kept instead.
  let storesPredictions: Bool

  private init(kinds: [PredictionKind], storesPredictions: Bool) {
    self.kinds = kinds
    self.storesPredictions = storesPredictions
  }

  /// How many outputs there are.
  var count: Int { storesPredictions ? 1 : kinds.count }

  var defaultValueDescription: String {
    storesPredictions ? Self.predictions : kinds.map(\.rawValue).joined(separator: ",")
  }

  init?(argument: String) {
    if argument == Self.predictions {
      self.init(kinds: [], storesPredictions: true)
      return
    }
    let names = argument.split(separator: ",", omittingEmptySubsequences: false)
    let kinds = names.compactMap { PredictionKind(rawValue: String($0)) }
    guard kinds.count == names.count, Set(kinds).count == kinds.count else { return nil }
    self.init(kinds: kinds, storesPredictions: false)
  }
}

/// What a merge writes: of patch files their values, or the channel of the largest one; of predictions that were kept, a kind of output.
enum MergedKindArgument: String, CaseIterable, ExpressibleByArgument {
  case values, labels, probabilities, logits, confidence, disagreement

  /// The kind of output of a prediction; `nil` for `values`.
  var ofPrediction: PredictionKind? { PredictionKind(rawValue: rawValue) }
}
