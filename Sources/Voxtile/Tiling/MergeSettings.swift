/// How patches are merged, whatever becomes of the result.
public struct MergeSettings: Sendable {
  /// How the patches that hold a voxel become one value.
  public var blend: Blend
  /// The value of voxels that no patch holds (`grid.coverage.lostVoxels` of them), rounded and saturated to the scalar type
  /// of the result.
  public var fill: Double
  /// What a NaN in a patch does to the merged voxel.
  public var nan: NaNPolicy
  /// The indices of patches that will not come, such as those of background that nobody predicted. A voxel that only they
  /// hold gets the ``fill``; elsewhere the other patches decide.
  public var absentPatches: Set<Int>
  /// How many threads merge. The result does not depend on it.
  public var jobs: Jobs

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - blend: how the patches that hold a voxel become one value.
  ///   - fill: the value of voxels that no patch holds.
  ///   - nan: what a NaN in a patch does to the merged voxel.
  ///   - absentPatches: the indices of patches of the grid that will not come.
  ///   - jobs: how many threads merge.
  public init(
    blend: Blend, fill: Double = 0, nan: NaNPolicy = .propagate, absentPatches: Set<Int> = [],
    jobs: Jobs = .all
  ) {
    self.blend = blend
    self.fill = fill
    self.nan = nan
    self.absentPatches = absentPatches
    self.jobs = jobs
  }
}
