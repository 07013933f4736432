import Voxtile

/// What happens to the intensities of one channel, as nnU-Net names it.
package enum ChannelScheme: Hashable, Sendable {
  /// To mean 0 and standard deviation 1 of the box, or of the voxels in it that are not background; others stay then.
  case zScore(masked: Bool)
  /// Clipped, less a mean, and divided by a deviation.
  case ct(low: Double, high: Double, mean: Double, deviation: Double)
  /// As they are.
  case none
  /// From the range of the box to 0...1.
  case rescaled
  /// From 0...255 to 0...1.
  case rgb

  /// Whether the voxels of the box are looked at.
  var needsStatistics: Bool {
    switch self {
    case .zScore, .rescaled, .rgb: true
    case .ct, .none: false
    }
  }

  var isMasked: Bool { self == .zScore(masked: true) }

  /// The normalization with the numbers of a channel. What is divided by is at least 1e-8.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where colors are not in 0...255, or intensities are not finite.
  func map(_ found: SchemeStatistics, channel: Int) throws(VoxtileError) -> IntensityMap {
    if needsStatistics, !found.isFinite {
      throw VoxtileError(
        .invalidOption, "channel \(channel) has a value that is not finite, so it cannot be normalized",
        remedy: .replaceNotFinite, context: .init(expected: "finite values"))
    }
    switch self {
    case .none: return .identity
    case .zScore: return IntensityMap(offset: found.mean, divisor: max(found.deviation, 1e-8))
    case .rescaled: return IntensityMap(offset: found.low, divisor: max(found.high - found.low, 1e-8))
    case .rgb:
      guard found.low >= 0, found.high <= 255 else {
        throw VoxtileError(
          .invalidOption,
          "channel \(channel) has values from \(found.low) to \(found.high), but the network takes colors from 0 to 255",
          context: .init(expected: "0...255", found: "\(found.low)...\(found.high)"))
      }
      return IntensityMap(divisor: 255)
    case .ct(let low, let high, let mean, let deviation):
      let divisor = max(deviation, 1e-8)
      func bound(_ value: Double) -> Double { Double((Float(value) - Float(mean)) / Float(divisor)) }
      return IntensityMap(offset: mean, divisor: divisor, lower: bound(low), upper: bound(high))
    }
  }
}

/// The range, mean and deviation of some voxels of one channel, found in two passes.
struct SchemeStatistics {
  private(set) var low = Double.infinity
  private(set) var high = -Double.infinity
  private var count = 0
  private var sum = 0.0
  private var squares = 0.0
  private var center: Double?

  var isFinite: Bool { count == 0 || low.isFinite && high.isFinite && sum.isFinite }

  /// 0 where there are no voxels.
  var mean: Double { count > 0 ? sum / Double(count) : 0 }

  /// The standard deviation of the population.
  var deviation: Double { count > 0 ? (squares / Double(count)).squareRoot() : 0 }

  mutating func add(_ values: Span<Float>) {
    if let center {
      for index in 0..<values.count {
        let difference = Double(values[index]) - center
        squares += difference * difference
      }
      return
    }
    count += values.count
    for index in 0..<values.count {
      let value = Double(values[index])
      sum += value
      low = min(low, value)
      high = max(high, value)
    }
  }

  /// Ends the first pass.
  mutating func endPass() { center = mean }
}
