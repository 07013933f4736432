import Voxtile

/// What predicting a scan will take, known before it starts.
public struct InferencePlan: Sendable {
  /// The patches, over the predicted box of the stored image.
  public var grid: PatchGrid { cutting.grid }
  /// The box of the stored image that is predicted; everything else is background.
  package var box: Region { wayBack?.box ?? cutting.box }
  /// How what is predicted of the patches becomes what is written.
  package internal(set) var layout: PredictionLayout
  /// The size of what is written, in voxels.
  public var outputExtent: Extent { layout.extent }
  /// Where what is written lies in the world.
  public var outputMetadata: VolumeMetadata { layout.metadata }
  /// Channels that the model gives.
  public var channels: Int { layout.channels }
  /// Patches that the model sees at once.
  package var batch: Int { cutting.batch }
  /// How often each patch is predicted: once for every way of mirroring it.
  package let predictionsPerPatch: Int
  /// What turns merged values into probabilities.
  public var activation: Activation { layout.activation }
  /// Bytes of the sums that are held while patches touch them.
  package let bandBytes: Int
  /// The most memory that is needed, in bytes, with the program, but without what the model takes for itself.
  public let peakBytes: Int
  /// What goes to scratch files, in bytes.
  public let scratchBytes: Int
  /// Seconds that the model took for one batch, the first one, which also takes what an engine does once.
  package private(set) var secondsPerBatch: Double

  let cutting: PatchCutting
  let scale: OutputScale
  /// What a person should know about the prediction.
  public internal(set) var remarks: [PredictionRemark]

  /// The names of labels, where they are known, in the order of the labels' channels.
  public var labelNames: [LabelName] { layout.labelNames }

  /// Whether the labels that single patches give are compared.
  let tracksWinners: Bool
  var memory: InferenceMemory
  /// The normalization of each channel, where it is known already.
  let maps: [IntensityMap]?
  /// What the model told.
  package let probe: ModelProbe
  /// What the model was tried with, if that is the first batch of the run.
  var first: FirstPrediction?
  /// Where the scan comes from, if it is resampled before the model sees it; ``grid`` is then over the resampled scan.
  var wayBack: WayBack? { layout.wayBack }

  /// The bytes of the values of all classes that are finished of a resampled scan, where they do not become what is written at once.
  package func classByteCount(of kinds: Set<PredictionKind>) -> Int {
    isResampled && !layout.comesBackInLines(kinds) ? 4 * channels * grid.extent.voxelCount : 0
  }

  /// Whether the scan is resampled before the model sees it.
  package var isResampled: Bool { wayBack != nil }

  /// The size of what the model sees, in voxels along the axes of the stored image.
  package var seenExtent: Extent { source.info.extent }

  /// What is predicted of each patch, over the predicted box of the output.
  package var outputGrid: PatchGrid { layout.grid }

  var source: ScanSource { cutting.source }
  var frame: ModelFrame { cutting.frame }

  /// What is predicted of each patch, over the model's image.
  package var modelGrid: PatchGrid { cutting.modelGrid }

  /// The size of a patch along the axes of the model's image.
  package var modelPatch: Extent { frame.modelExtent(of: grid.patch) }

  /// Whether the whole scan is predicted.
  package var isWhole: Bool { box == Region(scanExtent) }

  /// The size of the scan, in voxels.
  public var scanExtent: Extent { wayBack?.extent ?? source.info.extent }

  /// The patches over the whole scan, of which ``grid`` may cover a part. Those over a resampled scan are as they lie over the
  /// scan itself, to the nearest voxel.
  ///
  /// - Throws: `VoxtileError.Code.invalidGrid` where there are too many to count.
  public func gridOverScan() throws(VoxtileError) -> PatchGrid {
    if let wayBack { return try wayBack.overScan(grid) }
    let axes = try grid.axes.map { (axis, tiling) throws(VoxtileError) in
      try AxisTiling(
        length: scanExtent[axis], patch: tiling.patch, overlap: tiling.overlap,
        starts: tiling.starts.map { $0 + source.box.origin[axis] }, axis: axis)
    }
    return isWhole ? grid : try PatchGrid(over: scanExtent, settings: grid.settings, axes: axes)
  }

  /// How often the model will be asked.
  package var batches: Int { (grid.count + batch - 1) / batch * predictionsPerPatch }

  /// A guess of the whole time, in seconds, from the first batch.
  public var seconds: Double { Double(batches) * secondsPerBatch }

  /// The same plan, with another guess of what a batch takes.
  func timed(_ secondsPerBatch: Double) -> InferencePlan {
    var plan = self
    plan.secondsPerBatch = secondsPerBatch
    return plan
  }

  /// What a file of one kind of output will be.
  public func info(of kind: PredictionKind) -> VolumeInfo { layout.info(of: kind) }

  /// Whether the model gives labels itself, instead of a value for each class.
  public var givesLabels: Bool { layout.votes != nil }
}

/// A label of a prediction, and what it stands for.
public struct LabelName: Hashable, Sendable {
  /// The number in the label map.
  public let label: Int
  /// What it stands for, such as `liver`.
  public let name: String
}
