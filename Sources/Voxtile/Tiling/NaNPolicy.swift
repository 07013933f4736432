/// What a NaN in a patch does to the merged voxel.
@nonexhaustive
public enum NaNPolicy: String, CaseIterable, Hashable, Sendable {
  /// The voxel becomes NaN where its value is a mean or a maximum; in a vote a NaN counts only its own vote.
  case propagate
  /// The patch does not count there. A voxel that is NaN in all of its patches gets the fill value.
  case ignore
  /// The merge ends with an error.
  case error
}
