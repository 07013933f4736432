/// How voxels outside the image are made, in the words of `numpy.pad`.
///
/// For a row `1 2 3 4`, four voxels on each side:
///
///     constant(0)   0 0 0 0 | 1 2 3 4 | 0 0 0 0
///     edge          1 1 1 1 | 1 2 3 4 | 4 4 4 4
///     reflect       3 4 3 2 | 1 2 3 4 | 3 2 1 2
///     symmetric     4 3 2 1 | 1 2 3 4 | 4 3 2 1
///     wrap          1 2 3 4 | 1 2 3 4 | 1 2 3 4
///
/// A padding longer than the image goes on in the same way, again and again.
@nonexhaustive
public enum Padding: Hashable, Sendable {
  /// A fixed value, rounded and saturated to the scalar type of the image.
  case constant(Double)
  /// The nearest voxel of the border.
  case edge
  /// The image mirrored at the center of its border voxel, which is not repeated.
  case reflect
  /// The image mirrored at the outer face of its border voxel, which is repeated.
  case symmetric
  /// The image repeated from its other side.
  case wrap

  /// The voxel of the image that stands at a coordinate outside of it, or `nil` for a constant.
  ///
  /// - Parameters:
  ///   - coordinate: any coordinate along the axis, inside or outside the image.
  ///   - length: voxels of the image along the axis, at least 1.
  /// - Complexity: O(1).
  public func source(of coordinate: Int, length: Int) -> Int? {
    if coordinate >= 0 && coordinate < length { return coordinate }
    switch self {
    case .constant:
      return nil
    case .edge:
      return min(max(coordinate, 0), length - 1)
    case .wrap:
      return modulo(coordinate, length)
    case .symmetric:
      let folded = modulo(coordinate, 2 * length)
      return folded < length ? folded : 2 * length - 1 - folded
    case .reflect:
      guard length > 1 else { return 0 }
      let folded = modulo(coordinate, 2 * length - 2)
      return folded < length ? folded : 2 * length - 2 - folded
    }
  }

  /// The voxels of the image that stand in a run of coordinates, as one range; empty where all are constant.
  ///
  /// - Complexity: O(length), however long the run is.
  package func sources(of run: Range<Int>, length: Int) -> Range<Int> {
    let inside = run.clamped(to: 0..<length)
    switch self {
    case .constant:
      return inside
    case .edge:
      guard inside.isEmpty else { return inside }
      return run.lowerBound < 0 ? 0..<1 : length - 1..<length
    case .reflect, .symmetric, .wrap:
      if inside == run { return run }
      // Twice the image is a whole period of each of them.
      if run.count >= 2 * length { return 0..<length }
      let sources = run.compactMap { source(of: $0, length: length) }
      guard let first = sources.min(), let last = sources.max() else { return inside }
      return first..<last + 1
    }
  }

  /// The remainder that is never negative.
  private func modulo(_ value: Int, _ divisor: Int) -> Int {
    let remainder = value % divisor
    return remainder < 0 ? remainder + divisor : remainder
  }
}

extension Padding: LosslessStringConvertible {
  /// The name on the command line and in the manifest: `edge`, `constant`, `constant:-1024`.
  public var description: String {
    switch self {
    case .constant(0): "constant"
    case .constant(let value): "constant:\(value)"
    case .edge: "edge"
    case .reflect: "reflect"
    case .symmetric: "symmetric"
    case .wrap: "wrap"
    }
  }

  /// The padding of that name, or `nil`; a constant other than 0 follows a colon.
  public init?(_ description: String) {
    switch description {
    case "constant": self = .constant(0)
    case "edge": self = .edge
    case "reflect": self = .reflect
    case "symmetric": self = .symmetric
    case "wrap": self = .wrap
    default:
      let prefix = "constant:"
      guard description.hasPrefix(prefix), let value = Double(description.dropFirst(prefix.count)),
        value.isFinite
      else { return nil }
      self = .constant(value)
    }
  }
}
