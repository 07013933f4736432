import ArgumentParser
import VoxtileInference

/// The kinds of output of a prediction: one or several, joined by commas.
struct KindsArgument: ExpressibleByArgument {
  /// A label map.
  static let labels = KindsArgument(kinds: [.labels])

  static let allValueStrings = PredictionKind.allCases.map(\.rawValue)

  let kinds: [PredictionKind]

  private init(kinds: [PredictionKind]) { self.kinds = kinds }

  var defaultValueDescription: String { kinds.map(\.rawValue).joined(separator: ",") }

  init?(argument: String) {
    let names = argument.split(separator: ",", omittingEmptySubsequences: false)
    let kinds = names.compactMap { PredictionKind(rawValue: String($0)) }
    guard kinds.count == names.count, Set(kinds).count == kinds.count else { return nil }
    self.kinds = kinds
  }
}
