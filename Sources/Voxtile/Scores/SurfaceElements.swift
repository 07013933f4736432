/// How much surface there is where voxels meet in a corner, for each way in which they may be inside or outside of a mask.
///
/// The surface is that of marching cubes (Lorensen and Cline, 1987): it cuts the edges between voxel centers in the middle. Where two
/// voxels touch at an edge or a corner only, they are kept apart; where more than half of the eight are inside, the surface is that of those
/// outside. Its area then depends only on how the corners lie to each other, and six shapes make all 256 cases.
///
/// A corner of the cube has the number `4 x + 2 y + z`, each 0 or 1; in a square, `2 x + y`.
struct SurfaceElements: Sendable {
  /// The area for each set of corners, in mm² (in a square, the length in mm). A bit for each corner that is inside.
  let areas: [Double]

  /// The elements in a volume.
  ///
  /// - Parameter spacing: the size of a voxel in mm.
  static func inVolume(spacing: PerAxis<Double>) -> SurfaceElements {
    let faces = PerAxis(x: spacing.y * spacing.z, y: spacing.x * spacing.z, z: spacing.x * spacing.y)
    return SurfaceElements(
      areas: (0..<256).map { code in
        polygons(inside: code).reduce(0) { sum, normal in
          let parts = normal.map { axis, part in part * faces[axis] }
          return sum + (parts.x * parts.x + parts.y * parts.y + parts.z * parts.z).squareRoot()
        }
      })
  }

  /// The elements in a 2D image, which are lines.
  static func inImage(spacing: PerAxis<Double>) -> SurfaceElements {
    let diagonal = 0.5 * (spacing.x * spacing.x + spacing.y * spacing.y).squareRoot()
    return SurfaceElements(
      areas: (0..<16).map { code in
        let corners = (0..<4).filter { code >> $0 & 1 == 1 }
        switch corners.count {
        case 1, 3: return diagonal
        case 2:
          return switch corners[0] ^ corners[1] {
          case 2: spacing.x
          case 1: spacing.y
          // Two corners across from each other, each cut off.
          default: 2 * diagonal
          }
        default: return 0
        }
      })
  }

  /// The plane parts of the surface in a cube with sides of 1, as normals whose lengths are their areas. Signs are left out, since
  /// only lengths count.
  static func polygons(inside code: Int) -> [PerAxis<Double>] {
    let cutOff = code.nonzeroBitCount <= 4 ? code : ~code & 0xff
    var left = Set((0..<8).filter { cutOff >> $0 & 1 == 1 })
    var polygons: [PerAxis<Double>] = []
    while let first = left.min() {
      let group = connected(to: first, in: left)
      left.subtract(group)
      polygons += surface(of: group)
    }
    return polygons
  }

  /// The corners that edges of the cube connect with one.
  private static func connected(to corner: Int, in corners: Set<Int>) -> Set<Int> {
    var group: Set<Int> = [corner]
    var waiting = [corner]
    while let next = waiting.popLast() {
      for bit in [1, 2, 4] where corners.contains(next ^ bit) && group.insert(next ^ bit).inserted {
        waiting.append(next ^ bit)
      }
    }
    return group
  }

  /// The surface around one to four corners that edges connect.
  private static func surface(of group: Set<Int>) -> [PerAxis<Double>] {
    let bits = PerAxis(x: 4, y: 2, z: 1)
    /// How many edges along an axis connect the corners.
    let edges = bits.map { _, bit in group.count { $0 & bit == 0 && group.contains($0 | bit) } }
    /// How many edges each corner has.
    let degrees = group.map { corner in bits.all.count { group.contains(corner ^ $0) } }
    /// A normal that has one length along the axes for which a condition holds, and 0 along the others.
    func normal(_ length: Double, where holds: (Axis) -> Bool) -> PerAxis<Double> {
      PerAxis(0).map { axis, _ in holds(axis) ? length : 0 }
    }
    let all = { (_: Axis) in true }
    switch (group.count, degrees.max()) {
    // A triangle that cuts the corner off.
    case (1, _): return [normal(0.125, where: all)]
    // A rectangle along the edge.
    case (2, _): return [normal(0.5) { edges[$0] == 0 }]
    // An L: a triangle over its face, and a trapezoid.
    case (3, _): return [normal(0.5) { edges[$0] == 0 }, normal(0.375, where: all)]
    // A corner and its three neighbors: a hexagon.
    case (4, 3): return [normal(0.75, where: all)]
    // A face: the square in the middle of the cube.
    case (4, _) where edges.all.contains(2): return [normal(1) { edges[$0] == 0 }]
    // A path along all three axes: a bent hexagon, whose end edges each have a triangle beside a larger part.
    default:
      let ends = group.filter { corner in bits.all.count { group.contains(corner ^ $0) } == 1 }
      let endAxes = Axis.allCases.filter { axis in ends.contains { group.contains($0 ^ bits[axis]) } }
      return endAxes.map { end in normal(0.25) { $0 != end } } + [normal(0.5, where: all)]
    }
  }
}
