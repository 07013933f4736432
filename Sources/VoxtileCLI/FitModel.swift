import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileStore

/// A network for which a grid is proposed.
struct FitModel {
  private let model: OnnxModel
  private let defaults: ModelDefaults
  private let limits: LimitOptions
  private var probe: ModelProbe?

  init(_ path: String, runtime: String?, limits: LimitOptions) throws {
    var options = OnnxModel.Options()
    options.runtime = runtime
    options.jobs = limits.threads
    model = try OnnxModel(contentsOf: path, options: options)
    defaults = try ModelDefaults(model.metadata)
    self.limits = limits
  }

  /// Whether it sees slices.
  var isPlanar: Bool { model.signature.spatialRank == 2 }

  /// The patch that it has; `nil` where any will do.
  var fixedPatch: Extent? {
    let sizes = pipeline(nil, nil, GridFit(scans: [.init(extent: Extent(1))], overlap: PerAxis(.voxels(0))))
      .fixedPatch
    guard let x = sizes.x, let y = sizes.y, let z = sizes.z else { return nil }
    return Extent(width: x, height: y, depth: z)
  }

  /// The patch that it says it was trained with.
  var trainedPatch: Extent? { defaults.patch }

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

  private func pipeline(_ patch: Extent?, _ overlap: PerAxis<Int>?, _ fit: GridFit) -> PatchPipeline {
    var settings = InferenceSettings()
    settings.patch = patch
    settings.overlap = overlap?.map { .voxels($1) }
    settings.edge = fit.edge
    settings.padding = fit.padding
    settings.axes = defaults.axes ?? .zyx
    settings.jobs = limits.threads
    settings.memoryLimit = limits.memoryLimit
    return PatchPipeline(model: model, settings: settings)
  }
}
