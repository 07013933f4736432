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
    try await plan(readers, mask: mask, kinds: kinds, knowing: nil)
  }

  /// Works out what predicting a scan will take, as ``plan(_:mask:kinds:)`` does.
  ///
  /// - Parameters:
  ///   - kinds: what will be written; nothing where predictions are kept.
  ///   - known: what the model told with another scan. Where this one has the same patches, the model is not asked again.
  ///   - isDraft: whether the memory allowed counts only as far as it is needed before the model is asked: another plan is made with what
  ///     the model told.
  ///   - start: of how many batches the model is tried with which one, so that nothing is predicted in vain where only a part will be.
  package func plan(
    _ readers: [any VolumeReader], mask: (any VolumeReader)?, kinds: Set<PredictionKind>,
    knowing known: ModelProbe?, isDraft: Bool = false,
    tryingBatch start: @escaping @Sendable (_ count: Int) -> Int = { _ in 0 }
  ) async throws -> InferencePlan {
    if let rule = settings.resampling,
      var plan = try await resampledPlan(
        readers, mask: mask, kinds: kinds, knowing: known, tryingBatch: start, by: rule)
    {
      plan.remarks += plan.remarksOnFewVoxels
      return plan
    }
    let worker = SerialWorker("plan")
    defer { worker.wait() }
    let cutting = try await worker.run { [self] checkCancellation in
      try self.cutting(try source(readers, mask: mask, check: checkCancellation))
    }
    try checkMemory(of: cutting)
    var planning = self
    if isDraft { planning.settings.limits.memory = nil }
    if let known, known.patch == cutting.grid.patch {
      let maps = try await worker.run { [self] checkCancellation in
        try intensityMaps(of: cutting) { try checkCancellation() }
      }
      return try planning.plan(cutting, kinds: kinds, probe: known, maps: maps)
    }
    let (probe, first) = try await predictFirst(of: cutting, tryingBatch: start)
    return try planning.plan(cutting, kinds: kinds, probe: probe, first: first, maps: first?.maps)
  }

  /// Works out what predicting a scan will take, with what is known of the model.
  ///
  /// - Parameter origin: where what is cut comes from, if that is a resampled scan.
  func plan(
    _ cutting: PatchCutting, kinds: Set<PredictionKind>, probe: ModelProbe, first: FirstPrediction? = nil,
    maps: [IntensityMap]? = nil, from origin: (scan: VolumeInfo, way: WayBack)? = nil
  ) throws -> InferencePlan {
    let (placed, grid) = try placed(cutting, probe: probe)
    var layout = try layout(placed, grid, probe: probe, kinds: kinds)
    if let origin {
      layout.wayBack = origin.way
      (layout.extent, layout.metadata) = (origin.scan.extent, origin.scan.metadata)
    }
    let sizes = sizes(of: placed, layout, kinds: kinds)
    let (memory, peak, scratch) = try InferenceMemory.plan(sizes, limit: settings.limits.onThisMachine.memory)
    return InferencePlan(
      layout: layout, predictionsPerPatch: 1 << settings.mirrors.count,
      bandBytes: sizes.merging.row + sizes.merging.carry,
      peakBytes: peak, scratchBytes: scratch, secondsPerBatch: probe.secondsPerBatch,
      cutting: placed, scale: probe.scale,
      remarks: model.remarks + probe.remarks(of: kinds) + spacingRemarks(placed.source.info)
        + uncoveredRemarks(grid),
      tracksWinners: kinds.contains(.disagreement), memory: memory,
      maps: maps, probe: probe,
      first: placed.grid == cutting.grid && placed.box == cutting.box ? first : nil)
  }

  /// That voxels are in no patch, where the edge policy leaves some.
  private func uncoveredRemarks(_ grid: PatchGrid) -> [PredictionRemark] {
    let coverage = grid.coverage
    guard coverage.lostVoxels > 0 else { return [] }
    return [
      PredictionRemark(
        "\(coverage.lostVoxels) of \(grid.extent.voxelCount) voxels are in no patch and become background, since the edge "
          + "policy leaves out what fills no patch")
    ]
  }

  /// What predicting a scan takes at most, from its header alone.
  ///
  /// - Parameters:
  ///   - kinds: what will be written.
  ///   - known: what the model told with another scan.
  /// - Returns: the memory and what goes to scratch files, in bytes; `nil` where that cannot be said: the scan is resampled, or its
  ///   patches are others.
  /// - Throws: as ``plan(_:mask:kinds:)`` does; `VoxtileError.Code.memoryTooLow` where the memory allowed is too little.
  package func memory(
    of readers: [any VolumeReader], kinds: Set<PredictionKind>, knowing known: ModelProbe
  ) throws -> (peak: Int, scratch: Int)? {
    if let rule = settings.resampling {
      guard try keepsVoxels(of: readers[0].info, by: rule) else { return nil }
    }
    let source = try ScanSource(readers)
    try checkInput(of: source)
    let cutting = try cutting(source)
    try checkMemory(of: cutting)
    guard cutting.grid.patch == known.patch else { return nil }
    let plan = try plan(cutting, kinds: kinds, probe: known)
    return (plan.peakBytes, plan.scratchBytes)
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

  /// Lays the patches so that they fit the voxels of the output.
  ///
  /// - Returns: how they are cut, and what is predicted of them.
  private func placed(
    _ asked: PatchCutting, probe: ModelProbe
  ) throws -> (cutting: PatchCutting, outputGrid: PatchGrid) {
    var source = asked.source
    source.box = probe.scale.aligned(asked.box, in: source.info.extent)
    let isAsAsked = source.box == asked.box && !probe.scale.hasMargin
    let cutting = isAsAsked ? asked : try self.cutting(source, margin: probe.scale.margin, asked: asked.asked)
    return (cutting, try probe.scale.scaled(cutting.inner))
  }

  /// How what is predicted of the patches becomes what is written.
  private func layout(
    _ cutting: PatchCutting, _ outputGrid: PatchGrid, probe: ModelProbe, kinds: Set<PredictionKind>
  ) throws -> PredictionLayout {
    let (scale, scan) = (probe.scale, cutting.source.info)
    let half = try halfSums(outputGrid, frame: cutting.frame, kinds: kinds)
    let channels = probe.channels / (half?.networks ?? 1)
    let votes = try labelVotes(outputGrid, channels: channels, kinds: kinds)
    let labels = try votes == nil ? labels(channels: channels) : changedLabels()
    // Where a voxel may be left without a patch, its sum of weights says so.
    let isComplete = settings.skipBelow == nil && outputGrid.axes.all.allSatisfy(\.uncovered.isEmpty)
    let shares = try PatchShares(
      try weights(cutting.modelGrid, frame: cutting.frame, scale: probe.scale, outputGrid: outputGrid),
      grid: outputGrid, isComplete: isComplete)
    return PredictionLayout(
      extent: scale.scaled(scan.extent),
      metadata: scale.isSameSize
        ? scan.metadata
        : scan.metadata.withoutHeader(affine: scale.scaled(scan.metadata.affine, of: scan.extent)),
      origin: scale.scaled(cutting.box, in: scan.extent).origin, grid: outputGrid, channels: channels,
      activation: settings.activation.resolved(channels: channels),
      threshold: settings.labels.threshold, labels: labels,
      labelNames: try labelNames(labels, channels: channels, votes: votes), votes: votes, shares: shares,
      half: half)
  }

  /// What decides how much memory is needed.
  private func sizes(
    of cutting: PatchCutting, _ layout: PredictionLayout, kinds: Set<PredictionKind>
  ) -> InferenceSizes {
    let isTurned = !cutting.frame.isIdentity
    let inputs = cutting.source.channels * cutting.grid.patch.voxelCount
    let outputs = layout.givenChannels * layout.grid.patch.voxelCount
    // One mirrored batch, what is predicted of it, that turned back, and the sums.
    let mirrored = settings.mirrors.isEmpty ? 0 : batch * (inputs + 3 * outputs)
    // The sums of several networks, and what the next one of them gives.
    let averaged = (model as? EnsembleModel).map { $0.models.count > 1 ? 2 * batch * outputs : 0 } ?? 0
    let copies = (batch > 1 ? batch * inputs : 0) + (isTurned ? inputs : 0) + mirrored + averaged
    return InferenceSizes(
      grid: cutting.grid, source: cutting.source,
      batch: 4 * batch * (inputs + (isTurned ? 2 : 1) * outputs),
      copies: 4 * copies,
      merging: kinds.isEmpty ? .none : MergeSizes(layout, kinds: kinds, jobs: settings.limits.jobs),
      writers: settings.writerByteCount)
  }

  /// Throws where the memory allowed is certainly too little, before the scan is read and the model is asked.
  private func checkMemory(of cutting: PatchCutting) throws(VoxtileError) {
    guard let limit = settings.limits.memory else { return }
    let needed = minMemory(of: cutting)
    guard needed <= limit else {
      throw .memoryTooLow(
        limit, needed: needed, advice: "allow more than that, or use smaller patches or batches")
    }
  }

  /// Less memory than a prediction takes, whatever the model gives: the program, and the patches that it is given.
  func minMemory(of cutting: PatchCutting) -> Int {
    let patch = cutting.grid.patch.sizes.all.reduce(4 * Double(cutting.source.channels)) { $0 * Double($1) }
    let copies =
      (batch > 1 ? batch : 0) + (cutting.frame.isIdentity ? 0 : 1) + (settings.mirrors.isEmpty ? 0 : batch)
    return InferenceMemory.programBytes + Int(min(0x1p60, (2 * Double(batch) + Double(copies)) * patch))
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
      try mask.info.checkOnGrid(of: source.info, named: "the mask")
      box = try ScanSource([mask]).box(of: .positive, check: follow)
      try mask.checkFileUnchanged()
      guard box.voxelCount > 0 else { throw VoxtileError.nothingToPredict("the mask has no voxel above 0") }
    }
    if let foreground = settings.foreground {
      var inside = source
      inside.box = box
      let found = try inside.box(of: foreground, check: follow)
      guard found.voxelCount > 0 else {
        throw VoxtileError.nothingToPredict("the scan has no voxel \(foreground.words)")
      }
      box = Region(origin: found.origin + box.origin, extent: found.extent)
    }
    return box
  }
}

extension VoxtileError {
  static func nothingToPredict(_ why: String) -> VoxtileError {
    VoxtileError(
      .invalidOption, "\(why), so there is nothing to predict", remedy: .predictWholeScan,
      context: .init(expected: "voxels to predict", found: "none"))
  }
}
