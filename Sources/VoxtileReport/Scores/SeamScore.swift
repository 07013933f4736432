import Voxtile

/// How visible the borders of patches are in a merged image.
///
/// A cut plane is where a patch begins or ends inside the image, or half-way through an overlap, where
/// `Blend.center` goes from one patch to the next. The jump across it, from the last voxel
/// before to the first voxel behind, is compared with the jumps one voxel beside it: 1 says that the plane is
/// like its surroundings, 3 that the values jump three times as much.
public struct SeamScore: Codable, Sendable {
  /// One cut plane.
  public struct Plane: Codable, Sendable {
    /// The axis that the plane lies across.
    public var axis: Axis
    /// The first coordinate behind the plane.
    public var position: Int
    /// The mean difference of neighbours across the plane.
    public var across: Double
    /// The mean difference of neighbours one voxel before and one behind.
    public var beside: Double
    /// `across / beside`; 1 where both are 0, `nil` where only `beside` is.
    public var score: Double?
    /// The same in the original at that place, where there is one.
    public var originalScore: Double?
  }

  /// The mean difference of neighbours at each coordinate, for a chart; the first of each axis is 0.
  public struct Profile: Codable, Sendable {
    /// Along x.
    public var x: [Double]
    /// Along y.
    public var y: [Double]
    /// Along z.
    public var z: [Double]
  }

  /// All cut planes, x first, ascending.
  public var planes: [Plane]
  /// The merged image.
  public var merged: Profile
  /// The original, where there is one.
  public var original: Profile?

  /// Scores the cut planes of a grid.
  ///
  /// - Parameters:
  ///   - grid: the grid.
  ///   - merged: the mean jumps in the merged image.
  ///   - original: those in the original.
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

  /// The plane that shows most, or `nil` where there is no cut plane.
  ///
  /// One that has no score jumps where nothing beside it does.
  public var worst: Plane? {
    planes.max { ($0.score ?? .infinity, $0.across) < ($1.score ?? .infinity, $1.across) }
  }

  /// The first coordinates behind all planes at which another patch may begin to matter, inside the image.
  static func cuts(of tiling: AxisTiling) -> [Int] {
    let ranges = tiling.starts.indices.map { tiling.range(at: $0) }
    let borders = ranges.flatMap { [$0.lowerBound, $0.upperBound] }
    // Four times the place half-way between two centres. On a voxel, either patch may have it.
    let middles = zip(ranges, ranges.dropFirst()).flatMap { a, b in
      let sum = a.lowerBound + a.upperBound + b.lowerBound + b.upperBound - 2
      return sum % 4 == 0 ? [sum / 4, sum / 4 + 1] : [sum / 4 + 1]
    }
    return Set(borders + middles).filter { (1..<tiling.length).contains($0) }.sorted()
  }

  private static func jumps(_ means: [Double], at position: Int) -> (across: Double, beside: Double) {
    // The first coordinate has no neighbour before it.
    let neighbors = [position - 1, position + 1].filter { $0 >= 1 && $0 < means.count }
    let beside = neighbors.reduce(0) { $0 + means[$1] / Double(neighbors.count) }
    return (means[position], beside)
  }

  private static func ratio(_ across: Double, _ beside: Double) -> Double? {
    // Out of almost nothing, a jump is no number.
    if beside > 0 { return (across / beside).isFinite ? across / beside : nil }
    return across == 0 ? 1 : nil
  }
}

extension SeamScore.Profile {
  init(_ means: PerAxis<[Double]>) {
    self.init(x: means.x, y: means.y, z: means.z)
  }
}
