import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileStore

/// A network for which a grid is proposed.
struct FitModel {
  private let network: LoadedNetwork
  var model: any PatchModel { network.model }
  /// The settings, without patch, overlap and resampling.
  private let settings: InferenceSettings
  /// Which voxels it sees.
  private let spacing: PredictionSpacingOptions
  private(set) var probe: ModelProbe?
  /// How far it looks, and by what it may be moved; `nil` where that is not known, or not wanted.
  private(set) var reach: NetworkReach?
  /// What it takes itself for a voxel of a patch, in bytes; `nil` where that is not known.
  private(set) var bytesPerVoxel: Double?

  /// What the size of its patches is a multiple of, as far as an option or its file says that.
  let multiple: PerAxis<Int>

  /// The patch size that it was trained with, where its file says so.
  let trainedPatch: Extent?

  init(
    _ network: LoadedNetwork, _ fit: FitOptions, over image: ImageSize, limits: LimitOptions,
    edge: PerAxis<EdgePolicy>, padding: Padding
  ) throws {
    (self.network, spacing) = (network, fit.spacing)
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

  /// The patch size that it requires, along those axes where it requires one.
  var fixedSizes: PerAxis<Int?> { pipeline().fixedPatch }

  /// The patch size that it requires; `nil` where it takes any.
  var fixedPatch: Extent? {
    let sizes = fixedSizes
    guard let x = sizes.x, let y = sizes.y, let z = sizes.z else { return nil }
    return Extent(width: x, height: y, depth: z)
  }

  /// What its patch sizes have to be multiples of; `nil` where nothing is known.
  var patchMultiple: PerAxis<Int>? { pipeline().patchMultiple }

  /// A scan along the network's axes, as large as it is resampled, which are those of its patches.
  func scan(_ info: VolumeInfo) throws -> GridFit.Scan {
    let (extent, spacing) = try pipeline(over: info).modelSize(of: info)
    return GridFit.Scan(extent: extent, spacing: spacing)
  }

  /// That a scan is resampled, and to what; `nil` where it is seen as it is.
  func spacingRemark(over info: VolumeInfo) throws -> String? {
    let (own, seen) = (try pipeline().modelSize(of: info), try pipeline(over: info).modelSize(of: info))
    guard own.extent != seen.extent || own.spacing != seen.spacing else { return nil }
    let axes = Axis.allCases.filter { $0 != .z || !isPlanar }
    func text(_ sizes: PerAxis<Double>) -> String {
      axes.map { Console.rounded(sizes[$0], decimals: 3) }.joined(separator: "x")
    }
    return
      "a scan of \(text(own.spacing)) mm is resampled to \(text(seen.spacing)) mm, as infer does it, so patches are of "
      + "\(seen.extent) voxels instead of \(own.extent); --spacing keep leaves scans as they are"
  }

  /// The orientation in which it sees scans; `nil` for the scan's own.
  var orientation: Orientation? { settings.orientation }

  /// Finds out how far it looks: what options or its file say, else what is measured, unless `--align none` asks for nothing. Where it
  /// sees its whole patch, that is printed.
  ///
  /// - Parameters:
  ///   - fit: the options.
  ///   - patch: a size that it takes; `nil` for that of its file.
  ///   - channels: of the scans, where it takes any number.
  ///   - shown: what one number of an option means.
  mutating func findReach(
    _ fit: FitOptions, patch: PatchArgument?, channels: Int, shown: ImageSize
  ) async throws {
    guard let known = try fit.alignment.known(model.defaults, over: shown) else { return }
    if let stride = known.stride, let radius = known.radius {
      reach = NetworkReach(stride: stride, radius: radius)
      return
    }
    do {
      Console.detail("measuring how far the network looks; --align none leaves that out")
      let measured = try await fit.alignment.measure(
        network, seenAs: fit.frame, patch: patch, channels: channels)
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
  mutating func measureMemory(_ unit: PerAxis<Int>, over scan: [any VolumeReader]) async throws {
    guard let before = ProcessMemory.resident else { return }
    let length = isPlanar ? 1024 : 96
    let sizes = unit.map { axis, unit in
      isPlanar && axis == .z ? 1 : (length + unit - 1) / unit * unit
    }
    let patch = fixedPatch ?? Extent(sizes)
    // Twice, since an engine may take more for the second one.
    for _ in 0..<2 {
      guard (try? await pipeline(patch, over: scan[0].info).probe(scan)) != nil else { return }
    }
    guard let peak = ProcessMemory.peak else { return }
    bytesPerVoxel = Double(max(0, peak - before)) / Double(patch.voxelCount)
  }

  /// Runs it once with a patch, to measure time and memory.
  mutating func time(_ patch: Extent, over scan: [any VolumeReader]) async throws {
    probe = try await pipeline(patch, over: scan[0].info).probe(scan)
  }

  /// The memory that predictions of the scans need, with what it takes itself as far as that is known.
  ///
  /// - Parameter limit: the memory that may be used.
  func memory(over scans: [[any VolumeReader]], limit: Int?) -> GridFit.Memory {
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
  func plan(
    _ patch: Extent, _ overlap: PerAxis<Int>, over scan: [any VolumeReader]
  ) throws -> InferencePlan? {
    try probe.map { try pipeline(patch, overlap, over: scan[0].info).plan(scan, probe: $0) }
  }

  /// What it takes itself for a patch, in bytes; 0 where that is not known.
  func ownBytes(_ patch: Extent) -> Int { Int((bytesPerVoxel ?? 0) * Double(patch.voxelCount)) }

  /// What predicts a scan as it is.
  private func pipeline() -> PatchPipeline { PatchPipeline(model: model, settings: settings) }

  /// What predicts a scan, which is resampled where infer resamples it.
  func pipeline(
    _ patch: Extent? = nil, _ overlap: PerAxis<Int>? = nil, over info: VolumeInfo
  ) throws -> PatchPipeline {
    var settings = settings
    settings.patch = patch
    settings.overlap = overlap?.map { .voxels($1) }
    try spacing.apply(to: &settings, over: info, model: model, defaults: model.defaults)
    return PatchPipeline(model: model, settings: settings)
  }
}
