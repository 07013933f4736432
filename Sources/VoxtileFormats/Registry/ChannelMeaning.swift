/// What the channels of an image are, as far as its file says it.
@nonexhaustive
public enum ChannelMeaning: Hashable, Sendable {
  /// Nothing says it.
  case unknown
  /// Red, green and blue, with opacity or without, or gray with opacity.
  case colors
  /// Points of time, with the seconds from one to the next where the file says them.
  case time(stepSeconds: Double?)
  /// The components of a vector, a matrix or a complex number.
  case components
  /// Several axes in one, with their sizes, the one that runs fastest first.
  case axes([Int])

  /// Whether channels are something else than colors, which a mean or a picture of them would hide.
  package var isKnownAsNoColors: Bool {
    switch self {
    case .unknown, .colors: false
    default: true
    }
  }

  /// Whether channels are points of time.
  var isTime: Bool { if case .time = self { true } else { false } }

  /// So many channels in words, such as `3 time points`.
  package func words(_ count: Int) -> String {
    switch self {
    case .unknown: "\(count) channels"
    case .colors: "\(count) colors"
    case .time(let step): "\(count) time points" + (step.map { ", \(Self.text($0)) s apart" } ?? "")
    case .components: "\(count) components of a vector or matrix"
    case .axes(let sizes): "axes of \(sizes.map(String.init).joined(separator: " x ")) values"
    }
  }

  private static func text(_ number: Double) -> String {
    let text = "\(number)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
