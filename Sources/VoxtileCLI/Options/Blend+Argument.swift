import ArgumentParser
import Voxtile

extension Blend: ExpressibleByArgument {
  /// The blend of a name.
  public init?(argument: String) { self.init(name: argument) }

  /// The names of all blends.
  public static var allValueStrings: [String] { all.map(\.name) }
}

/// A blend that has weights, as merging predictions requires.
struct PredictionBlend: ExpressibleByArgument {
  static let allValueStrings = Blend.all.filter(\.hasWeights).map(\.name)

  let blend: Blend

  init?(argument: String) {
    guard let blend = Blend(name: argument), blend.hasWeights else { return nil }
    self.blend = blend
  }
}
