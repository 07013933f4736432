import Voxtile
import VoxtileFormats

/// Which training patches are taken of many scans, and how they are written.
public struct SampleOptions: Sendable {
  /// The size of a patch.
  public var patch: Extent
  /// Which patches of a scan are chosen.
  public var plan: SamplingPlan
  /// Labels whose voxels make components together; `nil` for components of each label.
  public var lesions: Set<Int>?
  /// Which voxels of a component touch.
  public var connectivity = Connectivity.corners
  /// The real value above which a voxel of the first channel is tissue; `nil` where nobody asks.
  public var tissueThreshold: Double?
  /// New labels for some labels, in all that is chosen and written.
  public var labelMap: [Int: Int] = [:]
  /// How many scans are for training, the others for validation; all where it is 1.
  public var trainingShare = Share.all
  /// How the folder is laid out.
  public var layout = SampleLayout.voxtile
  /// Whether patches are written; if not, only the list is.
  public var writesPatches = true
  /// What voxels of images outside a scan are, a real value where it is constant.
  public var padding = Padding.constant(0)
  /// What labels outside a scan are.
  public var labelPadding = 0
  /// Files that are still needed, such as a table of scans, and must not lie in a folder that is replaced.
  public var otherFiles: [String] = []
  /// Whether an older set may be replaced.
  public var isReplacing = false
  /// How hard files are compressed.
  public var compression = WriteOptions.CompressionLevel.standard
  /// How much of the machine is used.
  public var limits = JobLimits()
  /// Who follows the job.
  public var progress = JobProgress.none

  /// Creates options.
  public init(patch: Extent, plan: SamplingPlan) {
    self.patch = patch
    self.plan = plan
  }
}

/// How a folder of training patches is laid out.
public enum SampleLayout: String, CaseIterable, Hashable, Sendable {
  /// `images/CASE_0007_0000.nii.gz`, `labels/CASE_0007.nii.gz`.
  case voxtile
  /// nnU-Net's raw data: `imagesTr`, `labelsTr` and `dataset.json`.
  case nnunet
  /// The Medical Segmentation Decathlon's and MONAI's list: `imagesTr`, `labelsTr` and `dataset.json`.
  case msd

  /// The folder of images.
  var imageFolder: String { self == .voxtile ? "images" : "imagesTr" }
  /// The folder of labels.
  var labelFolder: String { self == .voxtile ? "labels" : "labelsTr" }
}
