import Synchronization
import Voxtile

/// What one prediction told of a model: enough to plan with, also with other patches, without asking it again.
public struct ModelProbe: Sendable {
  /// The patch that it was tried with.
  public let patch: Extent
  /// The number of classes, or channels, that it gives.
  public let channels: Int
  /// Seconds that one batch took.
  public let secondsPerBatch: Double

  /// The size of its output beside that of its input.
  let scale: OutputScale

  /// Looks at what a model gave.
  ///
  /// - Parameters:
  ///   - outputs: what it gave.
  ///   - shape: the shape of the batch.
  ///   - patch: the size of a patch along the axes of the stored image.
  ///   - frame: how the model's image lies in that.
  ///   - seconds: how long it took.
  /// - Throws: `VoxtileError.Code.modelNotUsable` where it gave something other than patches.
  init(
    of outputs: [PatchTensor], for shape: [Int], patch: Extent, frame: ModelFrame, seconds: Double
  ) throws(VoxtileError) {
    guard let output = outputs.first, output.shape.count == shape.count, output.shape[0] == shape[0] else {
      let found = outputs.first.map { "\($0.shape)" } ?? "nothing"
      throw VoxtileError(
        .modelNotUsable,
        "the model gives \(found) for a batch of shape \(shape); it should give [\(shape[0]), classes, ...] with as "
          + "many axes",
        context: .init(expected: "\(shape.count) axes", found: found))
    }
    let box = frame.extent(ofShape: Array(output.shape.dropFirst(2)))
    for axis in Axis.allCases {
      let (given, size) = (box[axis], patch[axis])
      guard given.isMultiple(of: size) || size.isMultiple(of: given) else {
        throw VoxtileError(
          .modelNotUsable,
          "the model gives \(given) voxels along \(axis) for a patch of \(size), which is no whole factor of it; use a patch "
            + "that it can halve evenly, or export it with padded convolutions",
          context: .init(axis: axis, expected: "a multiple or a divisor of \(size)", found: "\(given)"))
      }
    }
    self.patch = patch
    channels = output.shape[1]
    secondsPerBatch = seconds
    scale = OutputScale(output: box.sizes, input: patch.sizes, isFlipped: frame.stored(frame.isFlipped))
  }
}

/// The first batch of a scan, which was predicted to plan with; its prediction is used once.
final class FirstPrediction: Sendable {
  /// The normalization of each channel.
  let maps: [IntensityMap]
  /// Seconds that the model took.
  let seconds: Double
  private let patches: [Patch]
  private let output: Mutex<PatchTensor?>

  init(_ output: PatchTensor, of batch: PatchBatch, maps: [IntensityMap], seconds: Double) {
    self.maps = maps
    self.seconds = seconds
    patches = batch.patches
    self.output = Mutex(output)
  }

  /// Gives away the prediction of these patches, if it is of them and still there.
  func take(for batch: PatchBatch) -> PatchTensor? {
    guard batch.patches == patches else { return nil }
    return output.withLock { output in
      defer { output = nil }
      return output
    }
  }
}

extension PatchPipeline {
  /// Tries the model on zeros, with the patch of the settings, to know how long it takes: once, or twice where that was quick.
  ///
  /// - Parameter readers: the scan: one file, or several that are the channels of one image.
  /// - Throws: as ``plan(_:mask:kinds:)``.
  public func probe(_ readers: [any VolumeReader]) async throws -> ModelProbe {
    var unlimited = settings
    unlimited.limits.memory = nil
    let pipeline = PatchPipeline(model: model, settings: unlimited)
    let cutting = try pipeline.cutting(try pipeline.source(readers, mask: nil))
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
    let cutting = try cutting(try source(readers, mask: nil))
    let share = Double(cutting.grid.patch.voxelCount) / Double(probe.patch.voxelCount)
    return try plan(cutting, kinds: kinds, probe: probe).timed(probe.secondsPerBatch * share)
  }

  /// Tries the model on a batch of zeros.
  func predictZeros(as cutting: PatchCutting) async throws -> ModelProbe {
    let shape = [batch, cutting.source.channels] + cutting.frame.shape(of: cutting.grid.patch)
    let zeros = PatchTensor(shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
    return try await predict(zeros, as: cutting).probe
  }

  /// Predicts the first batch of a scan, to plan with it and to use what it gives.
  ///
  /// - Returns: no prediction that can be used where the first patch is smaller than others or may be skipped.
  func predictFirst(of cutting: PatchCutting) async throws -> (probe: ModelProbe, first: FirstPrediction?) {
    guard settings.skipBelow == nil, let patch = cutting.grid.first,
      patch.region.extent == cutting.grid.patch
    else { return (try await predictZeros(as: cutting), nil) }
    let worker = SerialWorker("first")
    defer { worker.wait() }
    let (maps, batch) = try await worker.run { [self] checkCancellation in
      let maps = try intensityMaps(of: cutting.source) {
        try checkCancellation()
        try settings.progress(0, of: cutting.grid.count)
      }
      // Patch by patch: how much memory there is for more is not known yet.
      var feeder = PatchFeeder(cutting, step: .patch, maps: maps, settings: settings)
      return (maps, try feeder.next())
    }
    guard let batch else { return (try await predictZeros(as: cutting), nil) }
    let (probe, output) = try await predict(batch.tensor, as: cutting)
    return (
      probe, FirstPrediction(output, of: batch, maps: maps, seconds: probe.secondsPerBatch)
    )
  }

  private func predict(
    _ tensor: PatchTensor, as cutting: PatchCutting
  ) async throws -> (probe: ModelProbe, output: PatchTensor) {
    let start = ContinuousClock.now
    let outputs = try await model.predict(tensor)
    let probe = try ModelProbe(
      of: outputs, for: tensor.shape, patch: cutting.grid.patch, frame: cutting.frame,
      seconds: (ContinuousClock.now - start).seconds)
    return (probe, outputs[0])
  }

  /// The size of a scan in voxels, and of its voxels in mm, along the axes of the model's image: those of a patch.
  public func modelSize(of info: VolumeInfo) -> (extent: Extent, spacing: PerAxis<Double>) {
    let frame = frame(for: info)
    let spacing = info.metadata.spacing
    return (frame.modelExtent(of: info.extent), frame.axes.map { _, axis in spacing[axis] })
  }

  /// The patch that the model has, along the axes of its image; `nil` along those where any size will do.
  public var fixedPatch: PerAxis<Int?> {
    var sizes = PerAxis<Int?>(nil)
    if model.signature.spatialRank == 2 { sizes.z = 1 }
    for (axis, size) in zip(dimensions, model.signature.input.spatial) { sizes[axis] = size }
    return sizes
  }

  /// What the size of a patch has to be a multiple of, along the axes of the model's image; `nil` where nothing is known.
  public var patchMultiple: PerAxis<Int>? {
    guard let multiples = model.capabilities.multipleOf else { return nil }
    var result = PerAxis(1)
    for (axis, multiple) in zip(dimensions, multiples) { result[axis] = multiple }
    return result
  }
}
