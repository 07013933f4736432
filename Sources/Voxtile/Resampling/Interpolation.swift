/// How a value between voxels is made from those around it.
@nonexhaustive
public enum Interpolation: String, CaseIterable, Hashable, Sendable, Codable {
  /// The value of the nearest voxel: nothing new appears.
  case nearest
  /// A mean of the two nearest voxels along each axis, weighted by distance.
  case linear
  /// A cubic B-spline through all voxels (order 3 of SciPy, `BSpline` of ITK). It may overshoot at edges.
  case cubic
}
