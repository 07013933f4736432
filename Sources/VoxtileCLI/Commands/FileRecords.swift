import Voxtile
import VoxtileStore

/// What `voxtile crop --json` prints: all that a person is told.
struct CropRecord: Encodable {
  /// The folder that was made.
  var output: String
  /// The file that describes the patches.
  var manifest: String
  /// The grid, and what was lost.
  var plan: GridSummary
  /// The type of the written values.
  var scalarType: ScalarType
  /// The ending of the patch files.
  var format: String
  var seconds: Double
  /// What may not be as expected, in sentences.
  var remarks: [String]
}

/// What `voxtile merge --json` prints: all that a person is told.
struct MergeRecord: Encodable {
  /// The image that was written.
  var output: String
  /// The folder of the patch files.
  var input: String
  /// How many patches the grid has.
  var patches: Int
  /// The size of the image in voxels, x first.
  var extent: [Int]
  var channels: Int
  var scalarType: ScalarType
  /// How several patches became one value, and why.
  var blend: String
  var reason: String
  /// Whether the blend was concluded from the values.
  var isGuessed: Bool
  /// The indices of the patches that have no file.
  var missingPatches: [Int]
  /// The indices of the patches whose axes were turned back.
  var turnedPatches: [Int]
  /// Voxels that got the fill value.
  var uncoveredVoxels: Int
  /// How many values of each patch are NaN, by the patch's index, where there are any.
  var nanValues: [String: Int]
  /// The largest distance of a label from a whole number.
  var largestLabelError: Double
  /// How many values the scalar type could not hold.
  var saturatedValues: Int
  /// How many values are NaN and became 0, since the scalar type is an integer.
  var zeroedNaNValues: Int
  /// What was found where patches hold instances.
  var instances: InstanceReport?
  /// How the merge kept within its memory.
  var memory: MemoryPlan<MergeStep>
  var seconds: Double
  /// What may not be as expected, in sentences.
  var remarks: [String]

  /// - Parameter files: the image that was written, and the folder of the patches.
  init(
    _ report: PatchStore.MergeReport, of store: PatchStore, files: (output: String, input: String),
    seconds: Double, remarks: [MergeRemark]
  ) {
    (output, input) = files
    (patches, extent) = (store.manifest.grid.count, store.manifest.source.extent.sizes.all)
    (channels, scalarType) = (report.channels, report.scalarType)
    (blend, reason, isGuessed) = (report.method, "\(report.choice.reason)", report.choice.isGuessed)
    (missingPatches, turnedPatches) = (report.missingPatches, report.turnedPatches)
    uncoveredVoxels = report.uncoveredVoxels
    nanValues = Dictionary(uniqueKeysWithValues: report.findings.nanCounts.map { ("\($0)", $1) })
    (largestLabelError, saturatedValues) = (report.findings.largestLabelError, report.saturatedValues)
    zeroedNaNValues = report.zeroedNaNValues
    instances = report.instances
    (memory, self.seconds, self.remarks) = (report.plan, seconds, remarks.map(\.text))
  }
}

/// What `voxtile convert --json` prints: all that a person is told.
struct ConversionRecord: Encodable {
  /// The image that was written.
  var output: String
  /// The size in voxels, x first.
  var extent: [Int]
  var channels: Int
  var scalarType: ScalarType
  /// The size of a voxel in mm; `nil` where that is unknown.
  var spacing: [Double]?
  var seconds: Double
  /// What may not be as expected, in sentences.
  var remarks: [String]

  init(_ info: VolumeInfo, output: String, seconds: Double, remarks: [String]) {
    (self.output, extent) = (output, info.extent.sizes.all)
    (channels, scalarType) = (info.channels, info.scalarType)
    spacing = info.metadata.place == .unknown ? nil : info.metadata.spacing.all
    (self.seconds, self.remarks) = (seconds, remarks)
  }
}
