import Voxtile

/// How visible the patch borders are in a merged image.
///
/// A cut plane lies where a patch begins or ends inside the image, or halfway through an overlap, where
/// `Blend.center` switches from one patch to the next. Its score is the mean absolute difference between the voxels
/// on both sides of the plane, divided by the same measure one voxel before and after it. A score of 1 means that the
/// plane looks like its surroundings; 3 means that values jump three times as much.
package struct SeamScore: Codable, Sendable {
  /// The score of one cut plane.
  package struct Plane: Codable, Sendable {
    /// The axis perpendicular to the plane.
    package var axis: Axis
    /// The coordinate of the first voxel after the plane.
    package var position: Int
    /// The mean absolute difference between neighbors across the plane.
    package var across: Double
    /// The mean absolute difference between neighbors one voxel before and one voxel after the plane.
    package var beside: Double
    /// `across / beside`: 1 if both are 0, `nil` if only `beside` is 0 or the ratio overflows.
    package var score: Double?
    /// The score of the same plane in the original image; `nil` if there is no original or its ratio is undefined.
    package var originalScore: Double?
  }

  /// For each axis, the mean absolute difference between each coordinate and the one before it; the first is 0.
  package struct Profile: Codable, Sendable {
    package var x: [Double]
    package var y: [Double]
    package var z: [Double]
  }

  /// All cut planes: those across x first, then y, then z, in ascending order.
  package var planes: [Plane]
  /// The chart of the merged image.
  package var merged: Profile
  /// The chart of the original; `nil` if there is none.
  package var original: Profile?
  /// The patches whose borders are most visible; `nil` if patches were not scored.
  package var patches: PatchSeams?

  /// Scores the cut planes of a grid.
  ///
  /// - Parameters:
  ///   - grid: the grid.
  ///   - merged: the mean jumps of the merged image.
  ///   - original: the mean jumps of the original.
  init(grid: PatchGrid, merged: PerAxis<[Double]>, original: PerAxis<[Double]>?) {
    planes = Axis.allCases.flatMap { axis in
      Self.cuts(of: grid.axes[axis]).map { position in
        let (across, beside) = Self.jumps(merged[axis], at: position)
        return Plane(
          axis: axis, position: position, across: across, beside: beside,
          score: Self.ratio(across, beside),
          originalScore: original.flatMap { jumps in
            let (across, beside) = Self.jumps(jumps[axis], at: position)
            return Self.ratio(across, beside)
          })
      }
    }
    self.merged = Profile(merged)
    self.original = original.map { Profile($0) }
  }

  /// The most visible plane; `nil` if there are no cut planes.
  ///
  /// A plane without a score ranks highest: values jump across it, and nowhere next to it.
  package var worst: Plane? {
    planes.max { ($0.score ?? .infinity, $0.across) < ($1.score ?? .infinity, $1.across) }
  }

  /// The first coordinate after each cut plane inside the image.
  static func cuts(of tiling: AxisTiling) -> [Int] {
    let ranges = tiling.starts.indices.map { tiling.range(at: $0) }
    let borders = ranges.flatMap { [$0.lowerBound, $0.upperBound] }
    let halves = zip(ranges, ranges.dropFirst()).flatMap { Self.middles(between: $0, $1) }
    return Set(borders + halves).filter { (1..<tiling.length).contains($0) }.sorted()
  }

  /// The first coordinate after each plane at which the center of one of two patches is as near as that of the other.
  static func middles(between a: Range<Int>, _ b: Range<Int>) -> [Int] {
    // `sum` is four times the midpoint between two patch centers. If the midpoint is a voxel, the change can be on
    // either side of it.
    let sum = a.lowerBound + a.upperBound + b.lowerBound + b.upperBound - 2
    return sum % 4 == 0 ? [sum / 4, sum / 4 + 1] : [sum / 4 + 1]
  }

  private static func jumps(_ means: [Double], at position: Int) -> (across: Double, beside: Double) {
    // The first coordinate has no neighbor before it.
    let neighbors = [position - 1, position + 1].filter { $0 >= 1 && $0 < means.count }
    let beside = neighbors.reduce(0) { $0 + means[$1] / Double(neighbors.count) }
    return (means[position], beside)
  }

  private static func ratio(_ across: Double, _ beside: Double) -> Double? {
    // Division by a very small number can overflow.
    if beside > 0 { return (across / beside).isFinite ? across / beside : nil }
    return across == 0 ? 1 : nil
  }
}

extension SeamScore.Profile {
  init(_ means: PerAxis<[Double]>) {
    self.init(x: means.x, y: means.y, z: means.z)
  }
}
