import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileStore

/// A network for which a grid is proposed.
struct FitModel {
  private let network: LoadedNetwork
  var model: any PatchModel { network.model }
  /// The settings, without patch and overlap.
  private let settings: InferenceSettings
  private(set) var probe: ModelProbe?
  /// How far it looks, and by what it may be moved; `nil` where that is not known, or not wanted.
  private(set) var reach: NetworkReach?
  /// What it takes itself for a voxel of a patch, in bytes; `nil` where that is not known.
  private(set) var bytesPerVoxel: Double?

  /// What the size of its patches is a multiple of, as far as an option or its file says that.
  let multiple: PerAxis<Int>

  /// The patch size that it was trained with, where its file says so.
  let trainedPatch: Extent?

  init?(
    _ fit: FitOptions, over image: ImageSize, limits: LimitOptions, edge: PerAxis<EdgePolicy>,
    padding: Padding
  ) async throws {
    guard let path = fit.model else { return nil }
    let warnings = PredictionWarnings()
    network = try await LoadedNetwork(
      [path], nnunet: nil,
      options: EngineOptions(library: fit.onnxruntime, jobs: limits.limits.jobs, warn: warnings.say),
      warnings: warnings)
    let model = network.model
    let defaults = try model.defaults
    trainedPatch = defaults.patch
    var settings = InferenceSettings()
    fit.frame.apply(to: &settings, defaults: defaults)
    settings.normalization = fit.normalize ?? defaults.normalization ?? .none
    settings.limits = limits.limits
    settings.edge = edge
    settings.padding = padding
    self.settings = settings
    let own = PatchPipeline(model: model, settings: settings).patchMultiple
    multiple = try fit.multiple(over: image, patch: nil, model: own ?? PerAxis(1))
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

  /// That `infer` resamples a scan, since its file says another size of voxels; `nil` where it does not.
  func spacingRemark(over info: VolumeInfo) throws -> String? {
    guard info.metadata.place != .unknown, let trained = try model.defaults.spacing else { return nil }
    let own = pipeline().modelSize(of: info).spacing
    let axes = Axis.allCases.filter { $0 != .z || !isPlanar }
    guard axes.contains(where: { abs(own[$0] / trained[$0] - 1) > 0.05 }) else { return nil }
    func text(_ sizes: PerAxis<Double>) -> String {
      axes.map { Console.rounded(sizes[$0], decimals: 3) }.joined(separator: "x")
    }
    return
      "infer resamples a scan of \(text(own)) mm to the network's voxels of \(text(trained)) mm, but these patches are for the "
      + "scan as it is; give plan a resampled scan (voxtile resample), or infer --spacing keep"
  }

  /// The orientation in which it sees scans; `nil` for the scan's own.
  var orientation: Orientation? { settings.orientation }

  /// Finds out how far it looks: what options or its file say, else what is measured, unless `--align none` asks for nothing. Where it
  /// sees its whole patch, that is printed.
  ///
  /// - Parameters:
  ///   - fit: the options.
  ///   - patch: a size that it takes; `nil` for that of its file.
  ///   - scan: what it is for.
  ///   - shown: what one number of an option means.
  mutating func findReach(
    _ fit: FitOptions, patch: PatchArgument?, over scan: VolumeInfo, shown: ImageSize
  ) async throws {
    guard let known = try fit.alignment.known(model.defaults, over: shown) else { return }
    if let stride = known.stride, let radius = known.radius {
      reach = NetworkReach(stride: stride, radius: radius)
      return
    }
    do {
      Console.detail("measuring how far the network looks; --align none leaves that out")
      let measured = try await fit.alignment.measure(
        network, seenAs: fit.frame, patch: patch, channels: scan.channels)
      reach = NetworkReach(stride: known.stride ?? measured.stride, radius: known.radius ?? measured.radius)
    } catch let error as VoxtileError where error.code == .modelNotUsable || error.code == .predictionFailed {
      Console.note("reach    none: \(error.message)".printable)
    }
  }

  /// Measures the memory that it takes itself, with a patch of about a million voxels.
  ///
  /// - Parameters:
  ///   - unit: what the size of a patch is a multiple of.
  ///   - scan: what it is for, which says how many channels there are.
  mutating func measureMemory(_ unit: PerAxis<Int>, over scan: any VolumeReader) async throws {
    guard let before = ProcessMemory.resident else { return }
    let length = isPlanar ? 1024 : 96
    let sizes = unit.map { axis, unit in
      isPlanar && axis == .z ? 1 : (length + unit - 1) / unit * unit
    }
    let patch = fixedPatch ?? Extent(sizes)
    // Twice, since an engine may take more for the second one.
    for _ in 0..<2 { guard (try? await pipeline(patch).probe([scan])) != nil else { return } }
    guard let peak = ProcessMemory.peak else { return }
    bytesPerVoxel = Double(max(0, peak - before)) / Double(patch.voxelCount)
  }

  /// Runs it once with a patch, to measure time and memory.
  mutating func time(_ patch: Extent, over scan: any VolumeReader) async throws {
    probe = try await pipeline(patch).probe([scan])
  }

  /// The memory that predictions of the scans need, with what it takes itself as far as that is known.
  ///
  /// - Parameter limit: the memory that may be used.
  func memory(over scans: [any VolumeReader], limit: Int?) -> GridFit.Memory {
    { grid, scan in
      let own = ownBytes(grid.patch)
      var needed: Int?
      do {
        needed = try plan(grid.patch, grid.axes.map { $1.overlap }, over: scans[scan])?.peakBytes
      } catch let error as VoxtileError where error.code == .memoryTooLow {
        throw VoxtileError.memoryTooLow(limit ?? 0, needed: (error.context.neededBytes ?? 0) + own)
      }
      if let needed, let limit, needed + own > limit {
        throw VoxtileError.memoryTooLow(limit, needed: needed + own)
      }
      return needed.map { $0 + own }
    }
  }

  /// What predicting a scan takes; `nil` before ``time(_:over:)``.
  func plan(_ patch: Extent, _ overlap: PerAxis<Int>, over scan: any VolumeReader) throws -> InferencePlan? {
    try probe.map { try pipeline(patch, overlap).plan([scan], probe: $0) }
  }

  /// What it takes itself for a patch, in bytes; 0 where that is not known.
  func ownBytes(_ patch: Extent) -> Int { Int((bytesPerVoxel ?? 0) * Double(patch.voxelCount)) }

  func pipeline(_ patch: Extent? = nil, _ overlap: PerAxis<Int>? = nil) -> PatchPipeline {
    var settings = settings
    settings.patch = patch
    settings.overlap = overlap?.map { .voxels($1) }
    return PatchPipeline(model: model, settings: settings)
  }
}
