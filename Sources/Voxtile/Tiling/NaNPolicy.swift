/// What a NaN in a patch does to the merged voxel.
@nonexhaustive
public enum NaNPolicy: String, CaseIterable, Hashable, Sendable {
  /// The voxel becomes NaN where its value is a mean or a maximum; in a vote, each NaN is a label of its own with one
  /// vote, and two of them do not add up.
  case propagate
  /// The patch does not count there. A voxel that is NaN in all of its patches gets the fill value.
  case ignore
  /// The merge ends with an error.
  case error
}
