/// The order in which a grid numbers its patches.
public enum PatchOrder: String, CaseIterable, Hashable, Sendable, Codable {
  /// x runs fastest, then y, then z: row by row, slice by slice, as the voxels lie in memory.
  case xFastest = "x"
  /// z runs fastest, then y, then x: the order of the tutorial's 3D code, whose first array axis
  /// (its innermost loop) is the slice.
  case zFastest = "z"

  /// The grid position of the patch with a given number.
  package func position(of index: Int, counts: PerAxis<Int>) -> Position {
    switch self {
    case .xFastest:
      let (row, x) = index.quotientAndRemainder(dividingBy: counts.x)
      let (z, y) = row.quotientAndRemainder(dividingBy: counts.y)
      return Position(x: x, y: y, z: z)
    case .zFastest:
      let (row, z) = index.quotientAndRemainder(dividingBy: counts.z)
      let (x, y) = row.quotientAndRemainder(dividingBy: counts.y)
      return Position(x: x, y: y, z: z)
    }
  }

  /// The number of the patch at a grid position.
  package func index(of position: Position, counts: PerAxis<Int>) -> Int {
    switch self {
    case .xFastest: (position.z * counts.y + position.y) * counts.x + position.x
    case .zFastest: (position.x * counts.y + position.y) * counts.z + position.z
    }
  }
}
