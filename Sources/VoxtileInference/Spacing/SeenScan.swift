import Voxtile

/// A scan as a model sees it, for plans: resampled where the settings say so.
struct SeenScan {
  /// What the model's patches are cut from: the scan's files, or one reader of the resampled scan.
  let readers: [any VolumeReader]
  /// What predicts it, which resamples nothing any more.
  let pipeline: PatchPipeline
  /// The scan itself, and how what is predicted gets back to it; `nil` where it is seen as it is.
  let origin: (scan: VolumeInfo, way: WayBack)?
}

extension PatchPipeline {
  /// A scan as the model sees it. Its foreground is not looked for, so it is as large as it can be.
  ///
  /// - Parameters:
  ///   - readers: the scan: one file, or several that are the channels of one image.
  ///   - isRead: whether values will be read. If so, the intensities of the whole scan are looked at, where they are normalized before it
  ///     is resampled.
  /// - Throws: as ``plan(_:mask:kinds:)``.
  func seen(_ readers: [any VolumeReader], isRead: Bool, check: () throws -> Void = {}) throws -> SeenScan {
    let info = readers[0].info
    guard let rule = settings.resampling, try !keepsVoxels(of: info, by: rule) else {
      var pipeline = self
      pipeline.settings.resampling = nil
      return SeenScan(readers: readers, pipeline: pipeline, origin: nil)
    }
    try checkCanResample(rule, mask: nil)
    let source = try source(readers, mask: nil)
    let way = try way(source.box, of: info, by: rule)
    let prepared =
      isRead ? try prepared(source, by: rule, check: check) : PreparedScan(source, maps: [])
    // What is not finite is an error of the prediction, and not of its plan, which reads nothing.
    let reader = try ResampledReader(
      prepared, way.there, notFinite: isRead ? .error : .replace(with: 0), jobs: settings.limits.jobs,
      check: check)
    return SeenScan(readers: [reader], pipeline: resampledPipeline(rule), origin: (info, way))
  }

  /// The size of a scan in voxels, and of its voxels in mm, along the axes of the model's image: those of a patch. A scan that is resampled
  /// has the size that it gets.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where the scan cannot be resampled.
  public func modelSize(of info: VolumeInfo) throws -> (extent: Extent, spacing: PerAxis<Double>) {
    let frame = frame(for: info)
    if let rule = settings.resampling, try !keepsVoxels(of: info, by: rule) {
      let there = try way(Region(info.extent), of: info, by: rule).there
      let length = info.extent.sizes.map { axis, length in
        Double(length) / Double(there.newExtent[axis]) * info.metadata.spacing[axis]
      }
      return (frame.modelExtent(of: there.newExtent), frame.model(length))
    }
    return (frame.modelExtent(of: info.extent), frame.model(info.metadata.spacing))
  }
}
