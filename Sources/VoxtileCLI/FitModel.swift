import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileStore

/// A network for which a grid is proposed.
struct FitModel {
  private let model: OnnxModel
  private let defaults: ModelDefaults
  private let frame: FrameOptions
  private let limits: LimitOptions
  private var probe: ModelProbe?

  init?(_ fit: FitOptions, limits: LimitOptions) throws {
    guard let path = fit.model else { return nil }
    var options = OnnxModel.Options()
    options.runtime = fit.onnxruntime
    options.jobs = limits.threads
    model = try OnnxModel(contentsOf: path, options: options)
    frame = fit.frame
    defaults = try ModelDefaults(model.metadata)
    self.limits = limits
  }

  /// Whether it sees slices.
  var isPlanar: Bool { model.signature.spatialRank == 2 }

  /// The patch that it has; `nil` where any will do.
  var fixedPatch: Extent? {
    let sizes = pipeline.fixedPatch
    guard let x = sizes.x, let y = sizes.y, let z = sizes.z else { return nil }
    return Extent(width: x, height: y, depth: z)
  }

  /// The patch that it says it was trained with.
  var trainedPatch: Extent? { defaults.patch }

  /// A scan as it sees it: a patch has the axes of its image.
  func scan(_ info: VolumeInfo) -> GridFit.Scan {
    let (extent, spacing) = pipeline.modelSize(of: info)
    return GridFit.Scan(extent: extent, spacing: spacing)
  }

  /// The orientation in which it sees scans; `nil` for their own.
  var orientation: Orientation? { pipeline.settings.orientation }

  /// Tries it once with a patch.
  mutating func time(_ patch: Extent, over readers: [any VolumeReader], fit: GridFit) throws {
    probe = try pipeline(patch, nil, fit).probe([readers[0]])
  }

  /// What predictions of the scans need.
  func memory(over readers: [any VolumeReader], fit: GridFit) -> GridFit.Memory {
    { grid, scan in
      do {
        return try plan(grid.patch, grid.axes.map { $1.overlap }, over: readers[scan], fit: fit)?.peakBytes
      } catch let error as VoxtileError where error.code == .memoryTooLow {
        return nil
      }
    }
  }

  /// What predicting a scan takes; `nil` before the model was tried.
  func plan(
    _ patch: Extent, _ overlap: PerAxis<Int>, over reader: any VolumeReader, fit: GridFit
  ) throws -> InferencePlan? {
    try probe.map { try pipeline(patch, overlap, fit).plan([reader], probe: $0) }
  }

  private var pipeline: PatchPipeline {
    var settings = InferenceSettings()
    frame.apply(to: &settings, defaults: defaults)
    settings.jobs = limits.threads
    settings.memoryLimit = limits.memoryLimit
    return PatchPipeline(model: model, settings: settings)
  }

  private func pipeline(_ patch: Extent?, _ overlap: PerAxis<Int>?, _ fit: GridFit) -> PatchPipeline {
    var settings = pipeline.settings
    settings.patch = patch
    settings.overlap = overlap?.map { .voxels($1) }
    settings.edge = fit.edge
    settings.padding = fit.padding
    return PatchPipeline(model: model, settings: settings)
  }
}
