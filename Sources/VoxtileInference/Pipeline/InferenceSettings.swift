import Voxtile

/// How a scan is cut, shown to a model and put together again.
public struct InferenceSettings: Sendable {
  /// The size of a patch along the axes of the model's image, x first; `nil` for the size that the model has.
  public var patch: Extent?
  /// What neighboring patches share, along the axes of the model's image; `nil` for a half, or for what
  /// ``compatibility`` has. Where the model predicts only the middle of its patch, it is what neighboring middles share.
  public var overlap: PerAxis<Overlap>?
  /// Of what the first voxels of patches are multiples, along the axes of the model's image; `nil` where they may lie anywhere. The image is
  /// then padded at its end, whatever ``edge`` says, and a patch is no longer than that. Where only a box is predicted, they are multiples from its
  /// first voxel on. See ``NetworkReach``.
  public var alignment: PerAxis<Int>?
  /// What happens where the patches do not fit. An image smaller than the patch is padded at its end, or on both sides with
  /// `EdgePolicy.pad(.both)`.
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
  /// What it means that the model gives fewer or more voxels than its patch has; `nil` to find out by trying two sizes.
  public var outputFit: OutputFit?
  /// What happens to intensities before the model sees them.
  public var normalization = Normalization.none
  /// The orientation of the model's image; `nil` for the image as it is stored.
  public var orientation: Orientation?
  /// The size of a voxel in mm that the model was trained with, along the axes of its image; `nil` where it is not known. Nothing is
  /// resampled by it: a scan with other voxels gets a remark, unless ``resampling`` is set.
  public var spacing: PerAxis<Double>?
  /// The voxels that a scan gets before the model sees it, and from which the result comes back; `nil` for its own.
  public var resampling: ScanResampling?
  /// The order of the model's spatial dimensions.
  public var axes = AxisOrder.zyx
  /// Patches whose every voxel is below are not predicted and are background; `nil` to predict all.
  public var skipBelow: Double?
  /// The voxels of which only the bounding box is predicted, while everything else is background; `nil` to predict all.
  public var foreground: Foreground?
  /// How much of the machine is used. The memory is that of the program, without what the model takes for itself. The result
  /// does not depend on it.
  public var limits = JobLimits()
  /// The memory that the writers of the results hold themselves, in bytes.
  package var writerByteCount = 0
  /// Reports progress, and may stop the job.
  public var progress = JobProgress.none

  /// Creates settings with the usual values: patches of the model's size that share a half, weighted by a Gaussian.
  public init() {}
}

/// The voxels of a scan that are worth predicting.
@nonexhaustive
public enum Foreground: String, CaseIterable, Hashable, Sendable {
  /// Those above 0 in some channel.
  case positive
  /// Those other than 0 in some channel, as nnU-Net has it.
  case nonZero = "nonzero"

  /// What they are, for messages.
  var words: String { self == .positive ? "above 0" : "other than 0" }
}
