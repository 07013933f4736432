import ArgumentParser
import Voxtile

/// The blends, by name, shared by every command that puts patches together.
enum BlendName: String, CaseIterable, ExpressibleByArgument {
  case average, gaussian, hann, triangular, center, last, maximum, vote

  var blend: Blend {
    switch self {
    case .average: .average
    case .gaussian: .gaussian
    case .hann: .hann
    case .triangular: .triangular
    case .center: .center
    case .last: .last
    case .maximum: .maximum
    case .vote: .vote
    }
  }

  /// Names joined by commas.
  static func list(_ names: [BlendName]) -> String { names.map(\.rawValue).joined(separator: ", ") }
}

/// The blends that are a mean or a choice, which predictions can be put together by.
struct PredictionBlend: ExpressibleByArgument {
  static let names = BlendName.allCases.filter { $0 != .maximum && $0 != .vote }
  static var allValueStrings: [String] { names.map(\.rawValue) }

  let blend: Blend

  init?(argument: String) {
    guard let name = Self.names.first(where: { $0.rawValue == argument }) else { return nil }
    blend = name.blend
  }
}
