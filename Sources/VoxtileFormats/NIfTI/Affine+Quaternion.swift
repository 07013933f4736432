import Voxtile

extension Affine {
  /// The rotation as the `(b, c, d)` of a unit quaternion whose `a` is not negative, and the sign of the z
  /// axis, or `nil` where the affine is no rotation with voxel sizes.
  var quaternion: (bcd: [Double], sign: Double)? {
    let lengths = spacing.all
    guard lengths.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    var r = rows.map { row in (0..<3).map { row[$0] / lengths[$0] } }
    func dot(_ i: Int, _ j: Int) -> Double { r[0][i] * r[0][j] + r[1][i] * r[1][j] + r[2][i] * r[2][j] }
    guard [dot(0, 1), dot(0, 2), dot(1, 2)].allSatisfy({ $0.magnitude < 1e-5 }) else { return nil }
    let determinant =
      r[0][0] * (r[1][1] * r[2][2] - r[1][2] * r[2][1])
      - r[0][1] * (r[1][0] * r[2][2] - r[1][2] * r[2][0])
      + r[0][2] * (r[1][0] * r[2][1] - r[1][1] * r[2][0])
    let sign = determinant < 0 ? -1.0 : 1.0
    for row in 0..<3 { r[row][2] *= sign }
    return (Self.quaternion(of: r), sign)
  }

  /// The vector part of the quaternion of a proper rotation, computed from its largest component.
  private static func quaternion(of r: [[Double]]) -> [Double] {
    // Four times the square of each component.
    let squares = [
      1 + r[0][0] + r[1][1] + r[2][2], 1 + r[0][0] - r[1][1] - r[2][2],
      1 - r[0][0] + r[1][1] - r[2][2], 1 - r[0][0] - r[1][1] + r[2][2],
    ]
    let largest = squares.indices.max { squares[$0] < squares[$1] } ?? 0
    let (ab, ac, ad) = (r[2][1] - r[1][2], r[0][2] - r[2][0], r[1][0] - r[0][1])
    let (bc, bd, cd) = (r[0][1] + r[1][0], r[0][2] + r[2][0], r[1][2] + r[2][1])
    // The products of the largest component with each, times four.
    let row = [
      [squares[0], ab, ac, ad], [ab, squares[1], bc, bd], [ac, bc, squares[2], cd],
      [ad, bd, cd, squares[3]],
    ][largest]
    let scale = 0.5 / squares[largest].squareRoot()
    let q = row.map { $0 * scale }
    return q[0] < 0 ? q[1...].map { -$0 } : Array(q[1...])
  }
}
