/// How patches are merged, whatever becomes of the result.
public struct MergeSettings: Sendable {
  /// How the patches that hold a voxel become one value.
  public var blend: Blend
  /// The value of voxels that no patch holds (`grid.coverage.lostVoxels` of them), rounded and saturated to the scalar type
  /// of the result.
  public var fill: Double
  /// How many threads merge. The result does not depend on it.
  public var jobs: Jobs

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - blend: how the patches that hold a voxel become one value.
  ///   - fill: the value of voxels that no patch holds.
  ///   - jobs: how many threads merge.
  public init(blend: Blend, fill: Double = 0, jobs: Jobs = .all) {
    self.blend = blend
    self.fill = fill
    self.jobs = jobs
  }
}
