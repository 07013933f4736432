import Voxtile

extension PatchPipeline {
  /// Tries the model on zeros, with the patch of the settings, to know how long it takes: once, or twice where that was quick.
  ///
  /// - Parameter readers: the scan: one file, or several that are the channels of one image.
  /// - Throws: as ``plan(_:mask:kinds:)``.
  public func probe(_ readers: [any VolumeReader]) async throws -> ModelProbe {
    var unlimited = settings
    unlimited.limits.memory = nil
    let scan = try PatchPipeline(model: model, settings: unlimited).seen(readers, isRead: false)
    let pipeline = scan.pipeline
    let cutting = try pipeline.cutting(try pipeline.source(scan.readers, mask: nil))
    let first = try await pipeline.predictZeros(as: cutting)
    // The first time an engine makes its memory and threads, which takes longer than a small batch itself.
    return first.secondsPerBatch < 0.2 ? try await pipeline.predictZeros(as: cutting) : first
  }

  /// Works out what predicting a scan will take, with a model that was tried before.
  ///
  /// - Parameters:
  ///   - readers: the scan: one file, or several that are the channels of one image.
  ///   - kinds: what will be written.
  ///   - probe: what the model told, of this or of another patch. The time of another one is in proportion to its voxels.
  /// - Throws: as ``plan(_:mask:kinds:)``.
  public func plan(
    _ readers: [any VolumeReader], kinds: Set<PredictionKind> = [.labels], probe: ModelProbe
  ) throws -> InferencePlan {
    let scan = try seen(readers, isRead: false)
    let cutting = try scan.pipeline.cutting(try scan.pipeline.source(scan.readers, mask: nil))
    let share = Double(cutting.grid.patch.voxelCount) / Double(probe.patch.voxelCount)
    return try scan.pipeline.plan(cutting, kinds: kinds, probe: probe, from: scan.origin)
      .timed(probe.secondsPerBatch * share)
  }

  /// Tries the model on a batch of zeros.
  func predictZeros(as cutting: PatchCutting) async throws -> ModelProbe {
    try await predict(zeros(batch, ofPatch: cutting.grid.patch, as: cutting), as: cutting).probe
  }

  /// Predicts the batch of a scan that will be needed first, to plan with it and to use what it gives.
  ///
  /// - Parameter start: which one that is of how many.
  /// - Returns: no prediction that can be used where its first patch is smaller than others or may be skipped.
  func predictFirst(
    of cutting: PatchCutting, tryingBatch start: @escaping @Sendable (Int) -> Int
  ) async throws -> (probe: ModelProbe, first: FirstPrediction?) {
    let (size, count) = (cutting.batch, cutting.grid.count)
    let lower = min(start((count + size - 1) / size) * size, max(0, count - 1))
    guard settings.skipBelow == nil, lower < count,
      cutting.grid[lower].region.extent == cutting.grid.patch
    else { return (try await predictZeros(as: cutting), nil) }
    let worker = SerialWorker("first")
    defer { worker.wait() }
    let (maps, batch) = try await worker.run { [self] checkCancellation in
      let maps = try intensityMaps(of: cutting) {
        try checkCancellation()
        try settings.progress(0, of: cutting.grid.count)
      }
      // Patch by patch: how much memory there is for more is not known yet.
      var feeder = PatchFeeder(cutting, step: .patch, maps: maps, settings: settings)
      if lower > 0 { feeder.choose(Array(lower..<min(count, lower + size))) }
      if cutting.batch > 1, !cutting.source.isRandomAccess {
        let left = settings.limits.memory.map { $0 - minMemory(of: cutting) } ?? .max
        try feeder.readAhead(groups: lower..<lower + size, maxBytes: left)
      }
      return (maps, try feeder.next())
    }
    guard let batch else { return (try await predictZeros(as: cutting), nil) }
    var (probe, output) = try await predict(batch.tensor, as: cutting)
    probe.outputRemarks = outputRemarks(output)
    return (
      probe, FirstPrediction(output, of: batch, maps: maps, seconds: probe.secondsPerBatch)
    )
  }

  private func predict(
    _ tensor: PatchTensor, as cutting: PatchCutting
  ) async throws -> (probe: ModelProbe, output: PatchTensor) {
    let start = ContinuousClock.now
    let outputs: [PatchTensor]
    do {
      outputs = try await model.predict(tensor)
    } catch let error as VoxtileError where error.code == .predictionFailed {
      throw try await refusal(error, as: cutting)
    }
    let seconds = (ContinuousClock.now - start).seconds
    let (channels, extent) = try ModelProbe.output(outputs, for: tensor.shape, frame: cutting.frame)
    let (scale, remark) = try await outputScale(extent, as: cutting)
    let probe = ModelProbe(
      patch: cutting.grid.patch, channels: channels, secondsPerBatch: seconds, scale: scale,
      remarks: remark.map { [$0] } ?? [])
    return (probe, outputs[0])
  }

  /// The size of what the model gives of a patch of zeros; `nil` where it does not take a patch of that size.
  ///
  /// - Parameter patch: its size along the axes of the stored image.
  /// - Throws: only where the task was canceled.
  func outputExtent(ofPatch patch: Extent, as cutting: PatchCutting) async throws -> Extent? {
    do {
      try Task.checkCancellation()
      let count = cutting.isBatchFixed ? batch : 1
      try checkBatch(of: patch, channels: cutting.source.channels)
      let tensor = zeros(count, ofPatch: patch, as: cutting)
      let outputs = try await model.predict(tensor)
      return try ModelProbe.output(outputs, for: tensor.shape, frame: cutting.frame).extent
    } catch let error as CancellationError {
      throw error
    } catch {
      return nil
    }
  }

  /// A batch of zeros.
  private func zeros(_ count: Int, ofPatch patch: Extent, as cutting: PatchCutting) -> PatchTensor {
    let shape = [count, cutting.source.channels] + cutting.frame.shape(of: patch)
    return PatchTensor(shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
  }
}
