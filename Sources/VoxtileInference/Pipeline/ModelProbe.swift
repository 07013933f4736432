import Voxtile

/// What one prediction of zeros told of a model: enough to plan with other patches, without asking it again.
public struct ModelProbe: Sendable {
  /// The patch that it was tried with.
  public let patch: Extent
  /// The number of classes, or channels, that it gives.
  public let channels: Int
  /// Seconds that one batch took.
  public let secondsPerBatch: Double

  let trial: ModelTrial
}

extension PatchPipeline {
  /// Tries the model once, on zeros, with the patch of the settings.
  ///
  /// - Parameter readers: the scan: one file, or several that are the channels of one image.
  /// - Throws: as ``plan(_:mask:kinds:)``.
  public func probe(_ readers: [any VolumeReader]) throws -> ModelProbe {
    var unlimited = settings
    unlimited.memoryLimit = nil
    let plan = try PatchPipeline(model: model, settings: unlimited).plan(readers)
    return ModelProbe(
      patch: plan.grid.patch, channels: plan.channels, secondsPerBatch: plan.secondsPerBatch,
      trial: ModelTrial(channels: plan.channels, scale: plan.scale, seconds: plan.secondsPerBatch))
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
    let plan = try plan(readers, mask: nil, kinds: kinds, trial: probe.trial)
    let share = Double(plan.grid.patch.voxelCount) / Double(probe.patch.voxelCount)
    return plan.timed(probe.secondsPerBatch * share)
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
}
