import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileStore

/// A network for which a grid is proposed.
struct FitModel {
  private let model: any PatchModel
  /// The settings, without patch and overlap.
  private let settings: InferenceSettings
  private var probe: ModelProbe?

  /// The patch size that it was trained with, where its file says so.
  let trainedPatch: Extent?

  init?(_ fit: FitOptions, limits: LimitOptions, edge: PerAxis<EdgePolicy>, padding: Padding) async throws {
    guard let path = fit.model else { return nil }
    model = try await EngineRegistry.load(
      path, options: EngineOptions(library: fit.onnxruntime, jobs: limits.limits.jobs))
    let defaults = try model.defaults
    trainedPatch = defaults.patch
    var settings = InferenceSettings()
    fit.frame.apply(to: &settings, defaults: defaults)
    settings.limits = limits.limits
    settings.edge = edge
    settings.padding = padding
    self.settings = settings
  }

  /// Whether it is a 2D network.
  var isPlanar: Bool { model.signature.spatialRank == 2 }

  /// The patch size that it requires; `nil` where it takes any.
  var fixedPatch: Extent? {
    let sizes = pipeline().fixedPatch
    guard let x = sizes.x, let y = sizes.y, let z = sizes.z else { return nil }
    return Extent(width: x, height: y, depth: z)
  }

  /// What its patch sizes have to be multiples of; `nil` where nothing is known.
  var patchMultiple: PerAxis<Int>? { pipeline().patchMultiple }

  /// A scan along the network's axes, which are those of its patches.
  func scan(_ info: VolumeInfo) -> GridFit.Scan {
    let (extent, spacing) = pipeline().modelSize(of: info)
    return GridFit.Scan(extent: extent, spacing: spacing)
  }

  /// The orientation in which it sees scans; `nil` for the scan's own.
  var orientation: Orientation? { settings.orientation }

  /// Runs it once with a patch, to measure time and memory.
  mutating func time(_ patch: Extent, over scan: any VolumeReader) async throws {
    probe = try await pipeline(patch).probe([scan])
  }

  /// The memory that predictions of the scans need.
  func memory(over scans: [any VolumeReader]) -> GridFit.Memory {
    { grid, scan in try plan(grid.patch, grid.axes.map { $1.overlap }, over: scans[scan])?.peakBytes }
  }

  /// What predicting a scan takes; `nil` before ``time(_:over:)``.
  func plan(_ patch: Extent, _ overlap: PerAxis<Int>, over scan: any VolumeReader) throws -> InferencePlan? {
    try probe.map { try pipeline(patch, overlap).plan([scan], probe: $0) }
  }

  private func pipeline(_ patch: Extent? = nil, _ overlap: PerAxis<Int>? = nil) -> PatchPipeline {
    var settings = settings
    settings.patch = patch
    settings.overlap = overlap?.map { .voxels($1) }
    return PatchPipeline(model: model, settings: settings)
  }
}
