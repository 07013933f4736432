import Voxtile

extension Affine {
  /// Whether the axes of an image do not span as many dimensions as there are: one has no length, or lies within those of
  /// others.
  ///
  /// An axis along which the image has one voxel may have no length, as in the headers of some 2D images. What is not
  /// finite is another fault, and is not singular.
  ///
  /// - Parameter sizes: the number of voxels along each axis.
  func isSingular(over sizes: [Int]) -> Bool {
    guard rows.joined().allSatisfy(\.isFinite) else { return false }
    let lengths = spacing.all
    guard lengths.allSatisfy(\.isFinite) else { return false }
    var axes: [[Double]] = []
    for axis in 0..<3 {
      if lengths[axis] > 0 {
        axes.append(rows.map { $0[axis] / lengths[axis] })
      } else if sizes[axis] > 1 {
        return true
      }
    }
    return Self.volume(axes) < 1e-6
  }

  /// The volume, area or length that unit vectors span.
  private static func volume(_ axes: [[Double]]) -> Double {
    guard axes.count > 1 else { return Double(axes.count) }
    let (a, b) = (axes[0], axes[1])
    let cross: [Double] = [
      a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0],
    ]
    func dot(_ other: [Double]) -> Double { cross[0] * other[0] + cross[1] * other[1] + cross[2] * other[2] }
    return axes.count == 2 ? dot(cross).squareRoot() : dot(axes[2]).magnitude
  }

  /// Whether two affines are the same but for rounding.
  func isClose(to other: Affine) -> Bool {
    zip(rows.joined(), other.rows.joined()).allSatisfy { a, b in
      a == b || (a - b).magnitude <= 1e-9 * max(a.magnitude, b.magnitude, 1)
    }
  }
}
