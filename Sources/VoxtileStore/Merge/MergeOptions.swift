import Voxtile
import VoxtileFormats

extension PatchStore {
  /// What becomes of a patch that has no file.
  @nonexhaustive
  public enum MissingPatches: String, CaseIterable, Hashable, Sendable {
    /// The merge ends with an error.
    case error
    /// Voxels that only missing patches hold get the fill value.
    case fill
  }

  /// What a merged file holds.
  @nonexhaustive
  public enum MergedKind: String, CaseIterable, Hashable, Sendable {
    /// The merged values, all channels.
    case values
    /// For each voxel the number of the channel with the largest merged value: the labels of class probabilities.
    case labels
  }

  /// How patches are merged into a file.
  public struct MergeOptions: Sendable {
    /// How several patches become one value; `nil` chooses `Blend.vote` for labels and `Blend.average` for everything else.
    public var blend: Blend?
    /// Whether each patch numbered its objects on its own, such as cells or lesions, so that they are to get one numbering:
    /// the least intersection over union, from 0 to 1, of what becomes one object; `nil` where values mean the same in all
    /// patches. See <doc:MergingInstances>.
    public var leastInstanceIoU: Double?
    /// The value of voxels that no patch holds; a real one where the merged file has a scaling.
    public var fill: Double
    /// What the merged file holds.
    public var outputKind: MergedKind
    /// The scalar type of the merged file; `nil` for the patches' own. Where it is given, the file holds
    /// real values (the patches' scaling is applied), as it does where the patches' scalings differ.
    public var scalarType: ScalarType?
    /// What a NaN in a patch does.
    public var nan: NaNPolicy
    /// What becomes of a patch that has no file.
    public var missing: MissingPatches
    /// How the patch files are called, such as `{name}_seg.nii.gz`, where `{name}` is the name of the patch without its
    /// ending; `nil` finds the names that common tools give.
    public var pattern: String?
    /// Whether files are merged by their names, whatever they say about their positions.
    public var ignoresPositions: Bool
    /// How the merged file is written.
    public var write: WriteOptions
    /// How much of the machine is used.
    public var limits: JobLimits
    /// Who follows the job.
    public var progress: JobProgress

    /// Creates options.
    public init(
      blend: Blend? = nil, leastInstanceIoU: Double? = nil, fill: Double = 0,
      outputKind: MergedKind = .values, scalarType: ScalarType? = nil, nan: NaNPolicy = .propagate,
      missing: MissingPatches = .error, pattern: String? = nil, ignoresPositions: Bool = false,
      write: WriteOptions = WriteOptions(), limits: JobLimits = JobLimits(), progress: JobProgress = .none
    ) {
      self.blend = blend
      self.leastInstanceIoU = leastInstanceIoU
      self.fill = fill
      self.outputKind = outputKind
      self.scalarType = scalarType
      self.nan = nan
      self.missing = missing
      self.pattern = pattern
      self.ignoresPositions = ignoresPositions
      self.write = write
      self.limits = limits
      self.progress = progress
    }
  }
}
