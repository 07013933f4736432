import Voxtile

/// What predicting a scan will take, known before it starts.
public struct InferencePlan: Sendable {
  /// The patches, over the predicted box of the stored image.
  public let grid: PatchGrid
  /// The box of the stored image that is predicted; everything else is background.
  public let box: Region
  /// The size of what is written, in voxels.
  public let outputExtent: Extent
  /// Where what is written lies in the world.
  public let outputMetadata: VolumeMetadata
  /// Channels that the model gives.
  public let channels: Int
  /// Patches that the model sees at once.
  public let batch: Int
  /// How often each patch is predicted: once for every way of mirroring it.
  public let predictionsPerPatch: Int
  /// What turns merged values into probabilities.
  public let activation: Activation
  /// Bytes of the sums that are held while patches touch them.
  public let bandBytes: Int
  /// The most memory that is needed, in bytes, with the program, but without what the model takes for itself.
  public let peakBytes: Int
  /// What goes to scratch files, in bytes.
  public let scratchBytes: Int
  /// Seconds that the model took for one batch, tried before the start.
  public private(set) var secondsPerBatch: Double

  /// Whether the model takes no other batch.
  let isBatchFixed: Bool
  let source: ScanSource
  let frame: ModelFrame
  let scale: OutputScale
  let outputGrid: PatchGrid
  let shares: PatchShares
  let labels: [Int32]
  /// Whether the labels that single patches give are compared.
  let tracksWinners: Bool
  var memory: InferenceMemory

  /// Whether the whole scan is predicted.
  public var isWhole: Bool { box == Region(source.info.extent) }

  /// The size of the scan, in voxels.
  public var scanExtent: Extent { source.info.extent }

  /// The patches over the whole scan, of which ``grid`` may cover a part.
  ///
  /// - Throws: `VoxtileError.Code.invalidGrid` where there are too many to count.
  public func gridOverScan() throws(VoxtileError) -> PatchGrid {
    let axes = try grid.axes.map { (axis, tiling) throws(VoxtileError) in
      try AxisTiling(
        length: scanExtent[axis], patch: tiling.patch, overlap: tiling.overlap,
        starts: tiling.starts.map { $0 + box.origin[axis] }, axis: axis)
    }
    return isWhole ? grid : try PatchGrid(over: scanExtent, settings: grid.settings, axes: axes)
  }

  /// How often the model will be asked.
  public var batches: Int { (grid.count + batch - 1) / batch * predictionsPerPatch }

  /// A guess of the whole time, in seconds, from the batch that was tried.
  public var seconds: Double { Double(batches) * secondsPerBatch }

  /// The same plan, with another guess of what a batch takes.
  func timed(_ secondsPerBatch: Double) -> InferencePlan {
    var plan = self
    plan.secondsPerBatch = secondsPerBatch
    return plan
  }

  /// What a file of one kind of output will be.
  public func info(of kind: PredictionKind) -> VolumeInfo {
    var info = VolumeInfo(
      extent: outputExtent, channels: kind.channels(of: channels), scalarType: scalarType(of: kind),
      metadata: outputMetadata)
    info.isLabelMap = kind == .labels || kind == .disagreement
    return info
  }

  /// The type of the values of one kind of output.
  func scalarType(of kind: PredictionKind) -> ScalarType {
    switch kind {
    case .labels: labelType
    case .disagreement: .uint8
    case .probabilities, .logits, .confidence: .float32
    }
  }

  /// The smallest type that holds all labels.
  var labelType: ScalarType {
    let least = labels.min() ?? 0
    let largest = labels.max() ?? 0
    if least < 0 { return least >= -32768 && largest <= 32767 ? .int16 : .int32 }
    return largest <= 255 ? .uint8 : largest <= 65535 ? .uint16 : .int32
  }
}
