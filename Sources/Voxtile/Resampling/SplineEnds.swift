/// What a spline is beyond the ends of a line.
enum SplineEnds: Hashable, Sendable {
  /// The outermost value goes on: 12 copies of it at each end, and mirrored from there, as SciPy and scikit-image do it.
  case edge
  /// The line is mirrored at the centers of its outermost voxels, as ITK does it.
  case mirror

  /// How many values are added to a line at each end.
  var padding: Int { self == .edge ? 12 : 0 }

  /// The lowest place at which the spline is evaluated. ITK has values up to half a voxel outside.
  var lowest: Double { self == .edge ? 0 : -0.5 }

  /// The highest place at which the spline is evaluated.
  func highest(_ lineLength: Int) -> Double { Double(lineLength - 1) - lowest }

  /// The coefficient that stands for one that may lie outside of the line.
  func index(_ index: Int, lineLength: Int) -> Int {
    switch self {
    case .edge: return min(max(index, 0), lineLength - 1)
    case .mirror:
      guard lineLength > 1 else { return 0 }
      let period = 2 * (lineLength - 1)
      let inside = ((index % period) + period) % period
      return min(inside, period - inside)
    }
  }

  /// The pole of the filter that makes coefficients from values: the square root of 3, minus 2.
  static let pole = 3.0.squareRoot() - 2

  /// What values are multiplied by first.
  static let gain = 6.0

  /// From this length on, the far end of a line does not count at its beginning: the pole to the 60th is 5e-35.
  private static let longLine = 60

  /// How many values of a line are needed before its first coefficient of the way there can be computed.
  func startLength(lineLength: Int) -> Int { lineLength < Self.longLine ? lineLength : 30 }

  /// How much each of the first values counts in the first coefficient of the way there.
  ///
  /// Source: Unser, "Splines: a perfect fit for signal and image processing", 1999, for both kinds of mirror.
  func startWeights(lineLength: Int) -> [Double] {
    let (count, z) = (startLength(lineLength: lineLength), Self.pole)
    // Powers of the pole, 0 first.
    let powers = (0..<2 * count + 1).reduce(into: [1.0]) { powers, _ in powers.append((powers.last ?? 1) * z)
    }
    let isLong = lineLength >= Self.longLine
    switch self {
    case .edge:
      // Each value twice in a period of twice the length: as it is, and mirrored.
      let period = isLong ? 1 : 1 - powers[2 * count]
      return (0..<count).map { index in
        let mirrored = isLong ? 0 : powers[2 * count - index]
        return (index == 0 ? 1 : 0) + (powers[index + 1] + mirrored) / period
      }
    case .mirror:
      let period = isLong ? 1 : 1 - powers[2 * (count - 1)]
      return (0..<count).map { index in
        let isInner = index > 0 && index < count - 1
        let mirrored = isLong || !isInner ? 0 : powers[2 * (count - 1) - index]
        return (powers[index] + mirrored) / period
      }
    }
  }

  /// The last coefficient of the way back, from the last two of the way there.
  func last(_ last: Double, before: Double) -> Double {
    let z = Self.pole
    return self == .edge ? last * (z / (z - 1)) : (z * before + last) * (z / (z * z - 1))
  }

  /// Where a line goes on, its coefficient of the way back is guessed from that of the way there. The guess is forgotten at the rate of the pole.
  static let guess = -pole / (1 - pole * pole)
}
