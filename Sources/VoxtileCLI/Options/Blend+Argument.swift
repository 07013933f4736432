import ArgumentParser
import Voxtile

extension Blend: ExpressibleByArgument {
  /// The blend of a name.
  public init?(argument: String) { self.init(name: argument) }

  /// The names of all blends.
  public static var allValueStrings: [String] { all.map(\.name) }
}

/// How patches are merged into an image: by a blend, or as instances, whose numbers mean something else in each patch.
enum MergeBlend: ExpressibleByArgument {
  case values(Blend)
  case instances

  static let allValueStrings = Blend.allValueStrings + ["instances"]

  init?(argument: String) {
    if argument == "instances" {
      self = .instances
    } else if let blend = Blend(name: argument) {
      self = .values(blend)
    } else {
      return nil
    }
  }

  /// The blend; `nil` for instances.
  var blend: Blend? {
    guard case .values(let blend) = self else { return nil }
    return blend
  }
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
