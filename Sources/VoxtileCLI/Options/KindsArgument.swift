import ArgumentParser
import VoxtileInference

/// What is written of a prediction: one kind or several, joined by commas.
struct KindsArgument: ExpressibleByArgument {
  /// A label map.
  static let labels = KindsArgument(kinds: [.labels])

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
