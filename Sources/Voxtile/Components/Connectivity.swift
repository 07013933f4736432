/// Which neighbors of a voxel touch it.
///
/// In a 2D image, ``faces`` are 4 neighbors and the other two are 8.
public enum Connectivity: Int, CaseIterable, Hashable, Sendable {
  /// The 6 voxels that share a face with it.
  case faces = 6
  /// The 18 voxels that share a face or an edge with it.
  case edges = 18
  /// The 26 voxels that share a face, an edge or a corner with it.
  case corners = 26

  /// A row before a voxel's own whose voxels may touch it.
  struct RowBefore: Sendable {
    /// How many slices it is before the voxel's: 0 or 1.
    var slices: Int
    /// How many rows it is after the voxel's, -1 to 1.
    var rows: Int
    /// 0 where two voxels have to share a column, 1 where they may also be in columns next to each other.
    var reach: Int
  }

  /// The rows before a voxel's own whose voxels may touch it.
  var rowsBefore: [RowBefore] {
    let places = [(0, -1), (1, -1), (1, 0), (1, 1)]
    return places.compactMap { slices, rows in
      let apart = slices + abs(rows)
      return switch self {
      case .faces: apart == 1 ? RowBefore(slices: slices, rows: rows, reach: 0) : nil
      case .edges: RowBefore(slices: slices, rows: rows, reach: apart == 1 ? 1 : 0)
      case .corners: RowBefore(slices: slices, rows: rows, reach: 1)
      }
    }
  }
}
