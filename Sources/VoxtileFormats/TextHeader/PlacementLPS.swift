import Voxtile

/// The axes and the place of an image as text headers have them, in coordinates that grow to the left, to the back and
/// to the head (LPS), as those of ITK do.
struct PlacementLPS: Equatable, Sendable {
  /// For each voxel axis, the step from one voxel to the next, in three coordinates.
  var steps: [[Double]]
  /// The center of the first voxel.
  var origin: [Double]

  /// The signs that turn LPS into RAS, which is the same as RAS into LPS.
  static let signs: [Double] = [-1, -1, 1]

  /// Creates a placement from three steps of three coordinates.
  init(steps: [[Double]], origin: [Double]) {
    (self.steps, self.origin) = (steps, origin)
  }

  /// The placement that an affine has.
  init(_ affine: Affine) {
    steps = (0..<3).map { column in (0..<3).map { Self.signs[$0] * affine.rows[$0][column] } }
    origin = (0..<3).map { Self.signs[$0] * affine.rows[$0][3] }
    for index in origin.indices where origin[index] == 0 { origin[index] = 0 }
    for (axis, step) in steps.enumerated() { steps[axis] = step.map { $0 == 0 ? 0 : $0 } }
  }

  /// The affine, in RAS.
  var affine: Affine {
    Affine(
      rows: (0..<3).map { row in
        let sign = Self.signs[row]
        return (steps.map { sign * $0[row] } + [sign * origin[row]]).map { $0 == 0 ? 0 : $0 }
      })
  }

  /// The length of each step, and its direction as a unit vector. A step of length 0, which one slice may have, gets a
  /// length of 1 and a direction at right angles to the others.
  var sizesAndDirections: (sizes: [Double], directions: [[Double]]) {
    var sizes = affine.spacing.all
    var directions = zip(steps, sizes).map { step, size in size > 0 ? step.map { $0 / size } : step }
    for axis in 0..<3 where !(sizes[axis] > 0) {
      sizes[axis] = 1
      directions[axis] = Self.normal(directions[(axis + 1) % 3], directions[(axis + 2) % 3], axis: axis)
    }
    return (sizes, directions)
  }

  /// A unit vector at right angles to two others, or that of an axis where they do not span a plane.
  static func normal(_ a: [Double], _ b: [Double], axis: Int) -> [Double] {
    let cross: [Double] = [
      a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0],
    ]
    let length = cross.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard length > 1e-12, length.isFinite else { return (0..<3).map { $0 == axis ? 1 : 0 } }
    return cross.map { $0 / length }
  }

  /// Whether a 2D header can hold it: the image lies in the plane of the first two coordinates, and its third axis is the
  /// one that 2D images have.
  var isPlanar: Bool {
    steps[0][2] == 0 && steps[1][2] == 0 && origin[2] == 0 && steps[2] == [0, 0, 1]
  }
}
