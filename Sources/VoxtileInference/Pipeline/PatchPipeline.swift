import Synchronization
import Voxtile

/// Predicts whole scans with a model that sees patches.
///
///     let model = try await EngineRegistry.load("net.onnx")
///     var settings = InferenceSettings()
///     settings.patch = Extent(96)
///     settings.normalization = .zScore(of: .all)
///     let pipeline = PatchPipeline(model: model, settings: settings)
///     try await pipeline.predict([ImageFormats.open("brain.nii.gz")]) { _, info in
///       try ImageFormats.create("tissue.nii.gz", info: info)
///     }
///
/// Planning reads what the first batch and the normalization need. The run then reads the scan once, slab by slab, where
/// the memory allows. While the model predicts a batch, the next one is cut and the last one is merged,
/// and slices that no later patch touches are written. Only the sums of the slices between are held, in memory or, past
/// the memory allowed, in a scratch file; a label map of a hundred classes never exists as a hundred volumes.
///
/// Every voxel adds its patches in the order of the grid, in `Float` (but see ``Compatibility/nnUNetHalf``): the result has the same bits for any number of
/// threads, any batch (as long as the model's own do not depend on it) and any memory limit.
public struct PatchPipeline: Sendable {
  /// The model.
  public let model: any PatchModel
  /// How scans are cut, shown to the model and put together.
  public internal(set) var settings: InferenceSettings
  /// The copies of the scan that other networks read too; `nil` where this one is alone.
  var copies: ScanCopies?
  /// The normalization of each channel, where somebody has read the intensities of the scan before; else `nil`.
  package var knownIntensities: [IntensityMap]?

  /// Creates a pipeline.
  public init(model: any PatchModel, settings: InferenceSettings = InferenceSettings()) {
    self.model =
      settings.compatibility == .nnUNetHalf ? (model as? EnsembleModel)?.sideBySide ?? model : model
    self.settings = settings
  }

  /// What a prediction did.
  public struct Report: Sendable {
    /// Patches that were predicted.
    public let predictedPatches: Int
    /// Patches that were skipped (``InferenceSettings/skipBelow``).
    public let skippedPatches: Int
    /// Patches that an earlier run, which was stopped, had predicted.
    package let resumedPatches: Int
    /// Seconds that the model took.
    public let modelSeconds: Double
    /// Seconds from the first voxel read to the last one written.
    public let seconds: Double
  }

  /// Predicts a scan, and writes each kind of output as its slices become final.
  ///
  /// - Parameters:
  ///   - scan: one image, or several that are the channels of one image.
  ///   - kinds: what is written.
  ///   - mask: an image of which only the bounding box of the voxels above 0 is predicted.
  ///   - makeWriter: starts the output of a kind, such as a file.
  /// - Throws: as ``plan(_:mask:kinds:)`` and ``run(_:to:)``, and what `makeWriter` throws.
  @discardableResult
  public func predict(
    _ scan: [any VolumeReader], kinds: Set<PredictionKind> = [.labels], mask: (any VolumeReader)? = nil,
    makeWriter: @Sendable (_ kind: PredictionKind, _ info: VolumeInfo) throws -> any VolumeWriter
  ) async throws -> Report {
    let plan = try await plan(scan, mask: mask, kinds: kinds)
    var writers: [PredictionKind: any VolumeWriter] = [:]
    for kind in kinds { writers[kind] = try makeWriter(kind, plan.info(of: kind)) }
    return try await run(plan, to: writers)
  }

  /// The labels of a volume in memory, in the smallest type that holds them all, as 32 bits.
  ///
  /// - Throws: as ``plan(_:mask:kinds:)`` and ``run(_:to:)``.
  public func labels(of volume: some AnyVolume) async throws -> Volume<Int32> {
    try await labels(of: VolumeInMemory(volume))
  }

  /// The labels of a scan, as ``labels(of:)`` gives them.
  func labels(of scan: any VolumeReader) async throws -> Volume<Int32> {
    let plan = try await plan([scan], kinds: [.labels])
    func collect<Label: VoxelScalar>(_ type: Label.Type) async throws -> Volume<Int32> {
      let collector = try VolumeCollector<Label>(plan.info(of: .labels))
      try await run(plan, to: [.labels: collector])
      return Volume(converting: try collector.volume)
    }
    return try await collect(plan.layout.labelType.type)
  }

  /// The probabilities of a volume in memory, or its merged values, of shape `(channels, depth, height, width)`.
  ///
  /// - Throws: as ``plan(_:mask:kinds:)`` and ``run(_:to:)``.
  /// - Precondition: the kind is not ``PredictionKind/labels``; labels are whole numbers, see ``labels(of:)``.
  public func values(_ kind: PredictionKind = .probabilities, of volume: some AnyVolume) async throws
    -> Volume<Float>
  {
    precondition(kind != .labels, "predict(_:) was asked for labels; call labels(of:)")
    let plan = try await plan([VolumeInMemory(volume)], kinds: [kind])
    let collector = try VolumeCollector<Float>(plan.info(of: kind))
    try await run(plan, to: [kind: collector])
    return try collector.volume
  }

  /// Predicts a scan as planned.
  ///
  /// - Parameters:
  ///   - plan: made by this pipeline: its first prediction and the intensities it read are used.
  ///   - writers: where each kind of output goes, made with ``InferencePlan/info(of:)``; they are finished.
  /// - Throws: `VoxtileError.Code.predictionFailed` where the model fails or gives a NaN, `CancellationError` where the task
  ///   was canceled, what reading and writing throw, and what the progress throws. The writers are then not finished.
  @discardableResult
  public func run(
    _ plan: InferencePlan, to writers: [PredictionKind: any VolumeWriter]
  ) async throws -> Report {
    try await run(plan, to: writers, state: nil)
  }

  /// Predicts a scan as planned, as ``run(_:to:)`` does.
  ///
  /// - Parameter state: keeps each layer of patches that is finished, and what an earlier run has finished; that is not predicted again.
  @discardableResult
  package func run(
    _ plan: InferencePlan, to writers: [PredictionKind: any VolumeWriter], state: (any JobState)?
  ) async throws -> Report {
    let merger = try PredictionMerger(
      plan.layout, memory: plan.memory, comparing: plan.tracksWinners, jobs: settings.limits.jobs,
      writers: writers, state: state)
    var progress = PredictionProgress(total: plan.grid.count)
    let resumed = merger.resumed
    progress.resumed = resumed.patches
    progress.resumedSkipped = resumed.layers * plan.grid.counts.x * plan.grid.counts.y - resumed.patches
    return try await seeing(plan).predict(
      plan.ofResampledScan, progress,
      choosing: { if resumed.layers > 0 { $0.skip(layers: resumed.layers) } },
      taking: { values, patch in if let values { try merger.add(values, at: patch) } },
      finishing: { try merger.finish() })
  }

  /// Predicts patches of a scan, one batch after another.
  ///
  /// - Parameters:
  ///   - progress: what is done already.
  ///   - choose: says which patches are cut.
  ///   - take: gets what was predicted of each patch, in the order of the grid; `nil` for those that were skipped, somewhere between.
  ///   - finish: is called after the last one, when the scan is known to be what it was.
  func predict(
    _ plan: InferencePlan, _ progress: PredictionProgress, choosing choose: (SharedFeeder) -> Void,
    taking take: @escaping @Sendable (Span<Float>?, Patch) throws -> Void,
    finishing finish: @escaping @Sendable () throws -> Void
  ) async throws -> Report {
    let start = ContinuousClock.now
    let (cutting, merging) = (SerialWorker("cut"), SerialWorker("merge"))
    defer {
      // Work that is still under way holds files that have to be gone when this returns.
      cutting.wait()
      merging.wait()
    }
    var progress = progress
    let total = progress.total
    let feeder = try await cutting.run { checkCancellation in
      SharedFeeder(
        try self.feeder(for: plan) {
          try checkCancellation()
          try settings.progress(0, of: total)
        })
    }
    choose(feeder)
    let unpacking = BatchUnpacking(plan)
    @Sendable func merge(_ last: (output: PatchTensor, patches: [Patch])?, _ skipped: [Patch]) throws {
      if let last { try unpacking.forEachPatch(of: last.output, last.patches) { try take($0, $1) } }
      for patch in skipped { try take(nil, patch) }
    }
    // While the model predicts a batch, the next one is cut and the last one is merged.
    var next = try await cutting.run { _ in try feeder.next() }
    var predicted: (output: PatchTensor, patches: [Patch])?
    while let batch = next {
      try Task.checkCancellation()
      async let following = cutting.run { _ in try feeder.next() }
      if batch.patches.isEmpty {
        try await merging.run { _ in try merge(nil, batch.skipped) }
      } else {
        let last = predicted
        async let merged: Void = merging.run { _ in try merge(last, batch.skipped) }
        predicted = (try await predict(batch, plan.first, &progress), batch.patches)
        try await merged
      }
      progress.add(batch)
      try settings.progress(progress.done, of: total)
      next = try await following
    }
    let last = predicted
    try await merging.run { _ in
      try merge(last, [])
      // Before a result gets its name: what was predicted has to be one state of the scan.
      for reader in plan.source.readers { try reader.checkFileUnchanged() }
      try finish()
    }
    return progress.report(seconds: (ContinuousClock.now - start).seconds)
  }

  /// What cuts the patches of a scan, which is read as often as the plan says.
  private func feeder(for plan: InferencePlan, check: () throws -> Void) throws -> PatchFeeder {
    try check()
    var cutting = plan.cutting
    if plan.memory.holdsScan || plan.memory.step != .layer {
      try cutting.source.hold(inMemory: plan.memory.holdsScan, check: check)
    }
    let maps = try plan.maps ?? intensityMaps(of: cutting, check: check)
    return PatchFeeder(cutting, step: plan.memory.step, maps: maps, settings: settings)
  }

  /// The normalization with the numbers of this scan, for each channel.
  func intensityMaps(of cutting: PatchCutting, check: () throws -> Void) throws -> [IntensityMap] {
    if let knownIntensities, knownIntensities.count == cutting.source.channels,
      knownIntensities.allSatisfy(\.isUsable)
    {
      return knownIntensities
    }
    var whole = cutting.source
    // The box that is predicted does not change what a scan's intensities mean, unless the network was trained on such boxes.
    whole.box = settings.normalization.looksAtBox ? cutting.asked : Region(whole.info.extent)
    return try whole.maps(for: settings.normalization, check: check)
  }

  /// Predicts a batch, in every way of mirroring it, and takes the mean.
  private func predict(
    _ batch: PatchBatch, _ first: FirstPrediction?, _ progress: inout PredictionProgress
  ) async throws -> PatchTensor {
    let mirrored = dimensions.indices.filter { settings.mirrors.contains(dimensions[$0]) }
    let known = first?.take(for: batch)
    if known != nil, let first { progress.earlierSeconds += first.seconds }
    let start = ContinuousClock.now
    let output = try await model.predict(
      batch.tensor, mirroring: mirrored, known: known, fewestFirst: settings.compatibility == .nnUNetHalf)
    progress.modelTime += ContinuousClock.now - start
    return output
  }
}
