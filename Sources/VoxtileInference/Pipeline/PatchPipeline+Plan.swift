import Voxtile

extension PatchPipeline {
  /// Works out what predicting a scan will take; the model is tried once, on zeros.
  ///
  /// - Parameters:
  ///   - readers: the scan: one file, or several that are the channels of one image.
  ///   - mask: an image of the same size; only the bounding box of its voxels above 0 is predicted.
  ///   - kinds: what will be written.
  /// - Throws: `VoxtileError.Code.modelNotUsable` where the model takes another number of channels or another patch,
  ///   `VoxtileError.Code.invalidGrid` where patches cannot be laid, `VoxtileError.Code.shapeMismatch` where files or the
  ///   mask do not fit each other, `VoxtileError.Code.invalidOption` for settings that contradict each other,
  ///   `VoxtileError.Code.memoryTooLow` where the memory allowed is too little, and what reading throws.
  public func plan(
    _ readers: [any VolumeReader], mask: (any VolumeReader)? = nil, kinds: Set<PredictionKind> = [.labels]
  ) throws -> InferencePlan {
    try plan(readers, mask: mask, kinds: kinds, trial: nil)
  }

  /// Works out what predicting a scan will take, where the model may have been tried before.
  func plan(
    _ readers: [any VolumeReader], mask: (any VolumeReader)?, kinds: Set<PredictionKind>, trial: ModelTrial?
  ) throws -> InferencePlan {
    var source = try ScanSource(readers)
    try checkInput(of: source)
    source.box = try box(of: source, mask: mask)
    let layout = try layout(over: source, trial: trial)
    let (trial, scan) = (layout.trial, layout.source.info)
    let labels = try labels(channels: trial.channels)
    let sizes = sizes(of: layout, kinds: kinds)
    let (memory, peak, scratch) = try InferenceMemory.plan(sizes, limit: settings.memoryLimit)
    return InferencePlan(
      grid: layout.grid, box: layout.source.box, outputExtent: trial.scale.scaled(scan.extent),
      outputMetadata: trial.scale.isOne
        ? scan.metadata : VolumeMetadata(affine: trial.scale.scaled(scan.metadata.affine, of: scan.extent)),
      channels: trial.channels, batch: batch, predictionsPerPatch: 1 << settings.mirrors.count,
      activation: settings.activation.resolved(channels: trial.channels), bandBytes: sizes.row + sizes.carry,
      peakBytes: peak, scratchBytes: scratch, secondsPerBatch: trial.seconds,
      isBatchFixed: model.signature.input.batch != nil, source: layout.source, frame: layout.frame,
      scale: trial.scale, outputGrid: layout.outputGrid, shares: layout.shares, labels: labels,
      tracksWinners: kinds.contains(.disagreement), memory: memory
    )
  }

  /// Where patches lie, and how they are put together.
  private struct Layout {
    let source: ScanSource
    let frame: ModelFrame
    let grid: PatchGrid
    let trial: ModelTrial
    let outputGrid: PatchGrid
    let shares: PatchShares
  }

  /// Lays the patches over the box of a scan that is predicted, and tries the model on one.
  private func layout(over whole: ScanSource, trial known: ModelTrial?) throws -> Layout {
    var source = whole
    let frame = frame(for: source.info)
    var modelGrid = try grid(over: frame.modelExtent(of: source.box.extent))
    var grid = try frame.stored(modelGrid)
    try checkBatch(of: grid.patch, channels: source.channels)
    let trial =
      try known
      ?? ModelTrial(of: model, patch: grid.patch, frame: frame, channels: source.channels, batch: batch)
    let aligned = trial.scale.aligned(source.box, in: source.info.extent)
    if aligned != source.box {
      source.box = aligned
      modelGrid = try self.grid(over: frame.modelExtent(of: aligned.extent))
      grid = try frame.stored(modelGrid)
    }
    let outputGrid = try trial.scale.scaled(grid)
    // Where a voxel may be left without a patch, its sum of weights says so.
    let isComplete = settings.skipBelow == nil && outputGrid.axes.all.allSatisfy(\.uncovered.isEmpty)
    let shares = try PatchShares(
      try weights(modelGrid, frame: frame, scale: trial.scale, outputGrid: outputGrid),
      grid: outputGrid, isComplete: isComplete)
    return Layout(
      source: source, frame: frame, grid: grid, trial: trial, outputGrid: outputGrid, shares: shares)
  }

  /// What decides how much memory is needed.
  private func sizes(of layout: Layout, kinds: Set<PredictionKind>) -> InferenceSizes {
    let (channels, isTurned) = (layout.trial.channels, !layout.frame.isIdentity)
    let inputs = layout.source.channels * layout.grid.patch.voxelCount
    let outputs = channels * layout.outputGrid.patch.voxelCount
    // One mirrored batch, what is predicted of it, that turned back, and the sums.
    let mirrored = settings.mirrors.isEmpty ? 0 : batch * (inputs + 3 * outputs)
    let copies = (batch > 1 ? batch * inputs : 0) + (isTurned ? inputs : 0) + mirrored
    let geometry = MergeSchedule(layout.outputGrid)
    let planes = RowSums.planes(
      channels: channels, shares: layout.shares, tracksWinners: kinds.contains(.disagreement))
    let row = geometry.rowBytes(planes: planes)
    let output = layout.trial.scale.scaled(layout.source.info.extent)
    let valueCount = kinds.reduce(0) { $0 + $1.channels(of: channels) }
    return InferenceSizes(
      grid: layout.grid, source: layout.source, batch: 4 * batch * (inputs + (isTurned ? 2 : 1) * outputs),
      copies: 4 * copies, row: row, rowSlice: row / geometry.deepestLayer,
      carry: geometry.carryBytes(planes: planes),
      output: geometry.mostFinishedSlices * output.width * output.height * 4 * valueCount,
      outputSlices: geometry.mostFinishedSlices, kinds: kinds.count)
  }

  /// The number of patches that the model sees at once.
  var batch: Int { model.signature.input.batch ?? settings.batch }

  /// The box that is predicted.
  private func box(of source: ScanSource, mask: (any VolumeReader)?) throws -> Region {
    let whole = source.box
    var box = whole
    if let mask {
      try ScanSource.check(mask.info, named: "the mask", against: source.info)
      box = try ScanSource([mask]).foreground { try settings.progress(0, of: 1) }
      guard box.voxelCount > 0 else { throw VoxtileError.nothingToPredict("the mask has no voxel above 0") }
    }
    if settings.isForegroundOnly {
      var inside = source
      inside.box = box
      let found = try inside.foreground { try settings.progress(0, of: 1) }
      guard found.voxelCount > 0 else { throw VoxtileError.nothingToPredict("the scan has no voxel above 0") }
      box = Region(origin: found.origin + box.origin, extent: found.extent)
    }
    return box
  }

  /// How the model's image lies in a scan.
  func frame(for info: VolumeInfo) -> ModelFrame {
    let isPlanar = info.extent.isPlanar
    return ModelFrame(
      stored: isPlanar ? nil : Orientation(info.metadata.affine.orientation),
      orientation: isPlanar ? nil : settings.orientation, order: settings.axes,
      rank: model.signature.spatialRank)
  }

  /// The grid over the model's image.
  private func grid(over extent: Extent) throws -> PatchGrid {
    let patch = try patch()
    var overlap = settings.overlap
    // Slices are seen one by one, and share nothing.
    if model.signature.spatialRank == 2 { overlap?.z = .voxels(0) }
    if let mode = settings.compatibility {
      return try overlap.map { try mode.grid(over: extent, patch: patch, overlap: $0) }
        ?? mode.grid(over: extent, patch: patch, overlap: nil as PerAxis<Overlap>?)
    }
    let edge = settings.edge.map { axis, policy in
      // A network cannot be given less than its patch; what is missing is made up on both sides, as everybody does.
      extent[axis] < patch[axis] && policy != .partial ? .pad(.both) : policy
    }
    let grid = try PatchGrid(
      over: extent,
      settings: GridSettings(
        patch: patch, overlap: overlap ?? PerAxis(.fraction(0.5), patch: patch), edge: edge,
        padding: settings.padding, order: .xFastest))
    try checkFixedSizes(of: grid)
    return grid
  }

  /// The axes of the model's image that its tensors have, slowest first.
  var dimensions: [Axis] {
    let order: [Axis] = model.signature.spatialRank == 2 ? [.x, .y] : [.x, .y, .z]
    return settings.axes == .xyz ? order : order.reversed()
  }

  /// The patch along the axes of the model's image.
  private func patch() throws(VoxtileError) -> Extent {
    let input = model.signature.input
    var sizes = settings.patch.map { PerAxis<Int?>(x: $0.width, y: $0.height, z: $0.depth) } ?? PerAxis(nil)
    if model.signature.spatialRank == 2 { sizes.z = 1 }
    for (axis, size) in zip(dimensions, input.spatial) {
      if let size, let asked = sizes[axis], asked != size {
        throw VoxtileError(
          .modelNotUsable,
          "the model takes patches of \(size) along \(axis) (\(input)), not of \(asked); leave the patch to it",
          context: .init(axis: axis, expected: "\(size)", found: "\(asked)"))
      }
      sizes[axis] = sizes[axis] ?? size
    }
    guard let x = sizes.x, let y = sizes.y, let z = sizes.z else {
      throw VoxtileError(
        .invalidOption,
        "the model takes patches of any size (\(input))", remedy: .givePatchSize,
        context: .init(expected: "a patch size", found: "none"))
    }
    return Extent(width: x, height: y, depth: z)
  }

  private func weights(
    _ modelGrid: PatchGrid, frame: ModelFrame, scale: OutputScale, outputGrid: PatchGrid
  ) throws -> PatchWeights {
    if let mode = settings.compatibility {
      let own = frame.stored(try mode.weights(for: modelGrid), patch: modelGrid.patch)
      return scale.scaled(own, patch: Extent(frame.stored(modelGrid.patch.sizes)))
    }
    // Which of two patches comes last, or is as near, is a question of the model's image.
    return scale.isOne
      ? frame.stored(try PatchWeights(blend: settings.blend, grid: modelGrid), patch: modelGrid.patch)
      : try PatchWeights(blend: settings.blend, grid: outputGrid)
  }

  /// The label of each channel.
  private func labels(channels: Int) throws(VoxtileError) -> [Int32] {
    let rule = settings.labels
    guard rule.threshold > 0, rule.threshold < 1 else {
      throw VoxtileError(
        .invalidOption, "a threshold of \(rule.threshold) makes no labels; use more than 0 and less than 1",
        context: .init(expected: "0 < t < 1", found: "\(rule.threshold)"))
    }
    let activation = settings.activation.resolved(channels: channels)
    let first = SliceFinisher.hasThreshold(activation, channels: channels) ? 1 : 0
    let values = rule.values ?? (0..<channels).map { $0 + first }
    guard values.count == channels else {
      throw VoxtileError(
        .invalidOption,
        "\(values.count) labels are given for the \(channels) channels of the model; give \(channels)",
        context: .init(expected: "\(channels)", found: "\(values.count)"))
    }
    let labels = values.compactMap(Int32.init(exactly:))
    guard labels.count == channels else {
      throw VoxtileError(.invalidOption, "the labels \(values) are too large; use at most \(Int32.max)")
    }
    return labels
  }
}

extension VoxtileError {
  static func nothingToPredict(_ why: String) -> VoxtileError {
    VoxtileError(
      .invalidOption, "\(why), so there is nothing to predict", remedy: .predictWholeScan,
      context: .init(expected: "voxels above 0", found: "none"))
  }
}
