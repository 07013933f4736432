import Voxtile

/// How a scan is cut, shown to a model and put together again.
public struct InferenceSettings: Sendable {
  /// The size of a patch along the axes of the model's image, x first; `nil` for the size that the model has.
  public var patch: Extent?
  /// What neighboring patches share, along the axes of the model's image; `nil` for a half, or for what
  /// ``compatibility`` has.
  public var overlap: PerAxis<Overlap>?
  /// What happens where the patches do not fit. An image smaller than the patch is padded on both sides.
  public var edge = PerAxis(EdgePolicy.shift)
  /// How voxels outside the image are made, after the normalization.
  public var padding = Padding.constant(0)
  /// How several predictions of a voxel become one; `average`, `gaussian`, `hann`, `triangular`, `center` or `last`.
  public var blend = Blend.gaussian
  /// Another system whose placement, window and padding are taken instead of ``edge``, ``padding`` and ``blend``.
  public var compatibility: Compatibility?
  /// How many patches the model sees at once.
  public var batch = 1
  /// What turns merged values into probabilities.
  public var activation = Activation.automatic
  /// How probabilities become labels.
  public var labels = LabelRule()
  /// The axes of the model's image that are mirrored: every patch is predicted once for each subset, and the mean is taken.
  public var mirrors: Set<Axis> = []
  /// What happens to intensities before the model sees them.
  public var normalization = Normalization.none
  /// The orientation of the model's image; `nil` for the image as it is stored.
  public var orientation: Orientation?
  /// The order of the model's spatial dimensions.
  public var axes = AxisOrder.zyx
  /// Patches whose every voxel is below are not predicted and are background; `nil` to predict all.
  public var skipBelow: Double?
  /// Whether only the bounding box of what is above 0 is predicted; everything else is background.
  public var isForegroundOnly = false
  /// How much of the machine is used. The memory is that of the program, without what the model takes for itself. The result
  /// does not depend on it.
  public var limits = JobLimits()
  /// Reports progress, and may stop the job.
  public var progress = JobProgress.none

  /// Creates settings with the usual values: patches of the model's size that share a half, weighted by a Gaussian.
  public init() {}
}
