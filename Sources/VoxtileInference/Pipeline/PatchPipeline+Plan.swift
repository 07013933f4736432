import Voxtile

extension PatchPipeline {
  /// Works out what predicting a scan will take. The model predicts the first batch, and the run uses that prediction; where
  /// the intensities of the whole scan decide how they are normalized, they are read for that.
  ///
  /// - Parameters:
  ///   - readers: the scan: one file, or several that are the channels of one image.
  ///   - mask: an image of the same size; only the bounding box of its voxels above 0 is predicted.
  ///   - kinds: what will be written.
  /// - Throws: `VoxtileError.Code.modelNotUsable` where the model takes another number of channels or another patch,
  ///   `VoxtileError.Code.invalidGrid` where patches cannot be laid, `VoxtileError.Code.shapeMismatch` where files or the
  ///   mask do not fit each other, `VoxtileError.Code.invalidOption` for settings that contradict each other,
  ///   `VoxtileError.Code.memoryTooLow` where the memory allowed is too little, and what the model and reading throw.
  public func plan(
    _ readers: [any VolumeReader], mask: (any VolumeReader)? = nil, kinds: Set<PredictionKind> = [.labels]
  ) async throws -> InferencePlan {
    let worker = SerialWorker("plan")
    defer { worker.wait() }
    let cutting = try await worker.run { [self] checkCancellation in
      try self.cutting(try source(readers, mask: mask, check: checkCancellation))
    }
    let (probe, first) = try await predictFirst(of: cutting)
    return try plan(cutting, kinds: kinds, probe: probe, first: first)
  }

  /// Works out what predicting a scan will take, with what is known of the model.
  func plan(
    _ cutting: PatchCutting, kinds: Set<PredictionKind>, probe: ModelProbe, first: FirstPrediction? = nil
  ) throws -> InferencePlan {
    let layout = try layout(cutting, probe: probe)
    let (scale, scan) = (probe.scale, cutting.source.info)
    let labels = try labels(channels: probe.channels)
    let sizes = sizes(of: layout, kinds: kinds)
    let (memory, peak, scratch) = try InferenceMemory.plan(sizes, limit: settings.limits.memory)
    return InferencePlan(
      outputExtent: scale.scaled(scan.extent),
      outputMetadata: scale.isOne
        ? scan.metadata : VolumeMetadata(affine: scale.scaled(scan.metadata.affine, of: scan.extent)),
      channels: probe.channels, predictionsPerPatch: 1 << settings.mirrors.count,
      activation: settings.activation.resolved(channels: probe.channels), bandBytes: sizes.row + sizes.carry,
      peakBytes: peak, scratchBytes: scratch, secondsPerBatch: probe.secondsPerBatch,
      cutting: layout.cutting, scale: scale, outputGrid: layout.outputGrid, shares: layout.shares,
      labels: labels, tracksWinners: kinds.contains(.disagreement), memory: memory,
      first: layout.cutting.source.box == cutting.source.box ? first : nil)
  }

  /// The scan, and the box of it that is predicted.
  func source(
    _ readers: [any VolumeReader], mask: (any VolumeReader)?, check: () throws -> Void = {}
  ) throws -> ScanSource {
    var source = try ScanSource(readers)
    try checkInput(of: source)
    source.box = try box(of: source, mask: mask, check: check)
    return source
  }

  /// How the predicted box of a scan is cut.
  func cutting(_ source: ScanSource) throws -> PatchCutting {
    let frame = frame(for: source.info)
    let modelGrid = try grid(over: frame.modelExtent(of: source.box.extent))
    let cutting = PatchCutting(
      source: source, frame: frame, modelGrid: modelGrid, grid: try frame.stored(modelGrid), batch: batch,
      isBatchFixed: model.signature.input.batch != nil)
    try checkBatch(of: cutting.grid.patch, channels: source.channels)
    return cutting
  }

  /// Where patches lie, and how they are put together.
  private struct Layout {
    let cutting: PatchCutting
    let probe: ModelProbe
    let outputGrid: PatchGrid
    let shares: PatchShares
  }

  /// Lays the patches so that they fit the voxels of the output.
  private func layout(_ asked: PatchCutting, probe: ModelProbe) throws -> Layout {
    var cutting = asked
    let aligned = probe.scale.aligned(cutting.source.box, in: cutting.source.info.extent)
    if aligned != cutting.source.box {
      cutting.source.box = aligned
      cutting.modelGrid = try grid(over: cutting.frame.modelExtent(of: aligned.extent))
      cutting.grid = try cutting.frame.stored(cutting.modelGrid)
    }
    let outputGrid = try probe.scale.scaled(cutting.grid)
    // Where a voxel may be left without a patch, its sum of weights says so.
    let isComplete = settings.skipBelow == nil && outputGrid.axes.all.allSatisfy(\.uncovered.isEmpty)
    let shares = try PatchShares(
      try weights(cutting.modelGrid, frame: cutting.frame, scale: probe.scale, outputGrid: outputGrid),
      grid: outputGrid, isComplete: isComplete)
    return Layout(cutting: cutting, probe: probe, outputGrid: outputGrid, shares: shares)
  }

  /// What decides how much memory is needed.
  private func sizes(of layout: Layout, kinds: Set<PredictionKind>) -> InferenceSizes {
    let (channels, isTurned) = (layout.probe.channels, !layout.cutting.frame.isIdentity)
    let inputs = layout.cutting.source.channels * layout.cutting.grid.patch.voxelCount
    let outputs = channels * layout.outputGrid.patch.voxelCount
    // One mirrored batch, what is predicted of it, that turned back, and the sums.
    let mirrored = settings.mirrors.isEmpty ? 0 : batch * (inputs + 3 * outputs)
    let copies = (batch > 1 ? batch * inputs : 0) + (isTurned ? inputs : 0) + mirrored
    let geometry = MergeSchedule(layout.outputGrid)
    let planes = GridRowSums.planes(
      channels: channels, shares: layout.shares, tracksWinners: kinds.contains(.disagreement))
    let row = geometry.rowBytes(planes: planes)
    let output = layout.probe.scale.scaled(layout.cutting.source.info.extent)
    let valueCount = kinds.reduce(0) { $0 + $1.channels(of: channels) }
    return InferenceSizes(
      grid: layout.cutting.grid, source: layout.cutting.source,
      batch: 4 * batch * (inputs + (isTurned ? 2 : 1) * outputs),
      copies: 4 * copies, row: row, rowSlice: row / geometry.deepestLayer,
      carry: geometry.carryBytes(planes: planes),
      output: geometry.mostFinishedSlices * output.width * output.height * 4 * valueCount,
      outputSlices: geometry.mostFinishedSlices, kinds: kinds.count)
  }

  /// The number of patches that the model sees at once.
  var batch: Int { model.signature.input.batch ?? settings.batch }

  /// The box that is predicted.
  private func box(
    of source: ScanSource, mask: (any VolumeReader)?, check: () throws -> Void
  ) throws -> Region {
    func follow() throws {
      try check()
      try settings.progress(0, of: 1)
    }
    let whole = source.box
    var box = whole
    if let mask {
      try ScanSource.check(mask.info, named: "the mask", against: source.info)
      box = try ScanSource([mask]).foreground(check: follow)
      guard box.voxelCount > 0 else { throw VoxtileError.nothingToPredict("the mask has no voxel above 0") }
    }
    if settings.isForegroundOnly {
      var inside = source
      inside.box = box
      let found = try inside.foreground(check: follow)
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
      // A network cannot be given less than its patch; what is missing is made up on both sides, as other systems do.
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
    let patch = Extent(width: x, height: y, depth: z)
    try checkMultiple(of: patch)
    return patch
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
    let first = VoxelDecision.hasThreshold(activation, channels: channels) ? 1 : 0
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
