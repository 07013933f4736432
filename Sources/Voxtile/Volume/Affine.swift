/// A map from voxel coordinates to millimeters in the scanner's world, as three rows of a 4x4 matrix
/// whose last row is `0 0 0 1`.
///
/// World axes follow NIfTI: x grows towards the patient's right, y towards the front, z towards the
/// head (RAS+). The last column is the center of the first voxel.
public struct Affine: Hashable, Sendable {
  /// The rows, each `(x, y, z, translation)` in mm a voxel and mm.
  public var rows: [[Double]]

  /// Creates an affine from three rows of four numbers.
  ///
  /// - Precondition: there are three rows of four.
  public init(rows: [[Double]]) {
    precondition(rows.count == 3 && rows.allSatisfy { $0.count == 4 }, "\(rows) are not 3 rows of 4")
    self.rows = rows
  }

  /// Creates an affine that only scales: voxels of a given size in mm, the first at the origin.
  public init(spacing: PerAxis<Double>) {
    self.init(rows: [[spacing.x, 0, 0, 0], [0, spacing.y, 0, 0], [0, 0, spacing.z, 0]])
  }

  /// The world coordinates of a voxel, in mm.
  public func world(x: Double, y: Double, z: Double) -> PerAxis<Double> {
    func coordinate(_ row: [Double]) -> Double { row[0] * x + row[1] * y + row[2] * z + row[3] }
    return PerAxis(x: coordinate(rows[0]), y: coordinate(rows[1]), z: coordinate(rows[2]))
  }

  /// The affine of a box that starts at another voxel: the same directions and sizes, and the
  /// translation moved to that voxel.
  public func moved(to origin: Position) -> Affine {
    var moved = self
    let world = world(x: Double(origin.x), y: Double(origin.y), z: Double(origin.z))
    for (row, value) in world.all.enumerated() { moved.rows[row][3] = value }
    return moved
  }

  /// The size of a voxel along each of its own axes, in mm: the lengths of the columns.
  public var spacing: PerAxis<Double> {
    func length(_ column: Int) -> Double {
      rows.reduce(0) { $0 + $1[column] * $1[column] }.squareRoot()
    }
    return PerAxis(x: length(0), y: length(1), z: length(2))
  }

  /// Where each voxel axis points, in letters: `RAS` for right, anterior, superior.
  ///
  /// Each axis gets the world axis it is nearest to, as long as that is free; an oblique scan thus
  /// still has three different letters.
  public var orientation: String {
    let letters = [("R", "L"), ("A", "P"), ("S", "I")]
    var found = [String](repeating: "?", count: 3)
    var freeColumns = Set(0..<3)
    var freeRows = Set(0..<3)
    let lengths = spacing.all
    for _ in 0..<3 {
      var best = (row: 0, column: 0, weight: -1.0)
      for column in freeColumns.sorted() {
        for row in freeRows.sorted() {
          let weight = lengths[column] > 0 ? rows[row][column].magnitude / lengths[column] : 0
          if weight > best.weight { best = (row, column, weight) }
        }
      }
      freeColumns.remove(best.column)
      freeRows.remove(best.row)
      found[best.column] =
        rows[best.row][best.column] < 0 ? letters[best.row].1 : letters[best.row].0
    }
    return found.joined()
  }
}
