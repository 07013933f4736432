import ArgumentParser
import Voxtile
import VoxtileInference

/// Where patches begin, and how much of each is used, so that they give what the network gives of the whole scan.
struct AlignmentOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Begin patches at multiples of this many voxels, x first, and pad the scan at its end: by the network's total stride, patches see the "
        + "scan as the whole would be seen. measure finds it out; none aligns nothing (default: what the network file says, else none).",
      valueName: "8|8x8x4|measure|none"))
  var align: ReachArgument?

  @Option(
    help: ArgumentHelp(
      "Use only voxels further than this from a patch's faces inside the scan, in place of --overlap and --blend: by the network's receptive "
        + "radius, and with --align, the result is that of the whole scan. measure finds it out.",
      valueName: "48|48x48x24|measure"))
  var halo: ReachArgument?

  /// The options that were given.
  var given: [String] {
    [("--align", align != nil), ("--halo", halo != nil)].filter(\.1).map(\.0)
  }

  func validate() throws {
    if case .size(let size) = align, !size.isPositive {
      throw ValidationError(
        "--align \(size.text) is not at least 1 voxel along each axis; use none to align nothing")
    }
    if case .none? = halo { throw ValidationError("--halo none is not used; leave the option out") }
  }

  /// What has to be measured, since the network file does not say it.
  func mustMeasure(_ defaults: ModelDefaults) -> Bool {
    if case .measure = align, defaults.stride == nil { return true }
    if case .measure = halo, defaults.halo == nil { return true }
    return false
  }

  /// How far a network looks, as far as the options or its file say that; `nil` where nothing is to be aligned.
  func known(
    _ defaults: ModelDefaults, over shown: ImageSize
  ) throws -> (stride: PerAxis<Int>?, radius: PerAxis<Int>?)? {
    var known = (stride: defaults.stride, radius: defaults.halo)
    switch align {
    case .none?: return nil
    case .size(let size): known.stride = try size.size(over: shown, planar: 1, option: "--align")
    case .measure, nil: break
    }
    if case .size(let size) = halo { known.radius = try size.size(over: shown, planar: 0, option: "--halo") }
    return known
  }

  /// Puts the options into settings.
  ///
  /// - Parameters:
  ///   - measured: how far the network looks, where that was measured.
  ///   - isPlaced: whether other options say where patches lie.
  func apply(
    to settings: inout InferenceSettings, over shown: ImageSize, defaults: ModelDefaults,
    measured: NetworkReach?, isPlaced: Bool
  ) throws {
    switch align {
    case .size(let size): settings.alignment = try size.size(over: shown, planar: 1, option: "--align")
    case .measure: settings.alignment = defaults.stride ?? measured?.stride
    case .none?: settings.alignment = nil
    case nil: settings.alignment = isPlaced ? nil : defaults.stride
    }
    let width: PerAxis<Int>? =
      switch halo {
      case .size(let size): try size.size(over: shown, planar: 0, option: "--halo")
      case .measure: defaults.halo ?? measured?.radius
      case .none?, nil: nil
      }
    guard let width else { return }
    // What was measured for the halo aligns patches, too.
    if align == nil, !isPlaced { settings.alignment = settings.alignment ?? measured?.stride }
    settings.useOnlyVoxels(beyond: width)
  }

  /// Whether a number was given that is no multiple of a stride, or less than a radius, along some axis.
  func contradicts(_ reach: NetworkReach, over shown: ImageSize) throws -> Bool {
    if case .size(let size) = align {
      let given = try size.size(over: shown, planar: 1, option: "--align")
      if Axis.allCases.contains(where: { !given[$0].isMultiple(of: reach.stride[$0]) }) { return true }
    }
    if case .size(let size) = halo {
      let given = try size.size(over: shown, planar: 0, option: "--halo")
      if Axis.allCases.contains(where: { given[$0] < reach.radius[$0] }) { return true }
    }
    return false
  }
}

/// A number of voxels, one for all axes or one for each, or what is to be measured.
enum ReachArgument: ExpressibleByArgument {
  case none
  case measure
  case size(ReachSize)

  init?(argument: String) {
    switch argument {
    case "none": self = .none
    case "measure": self = .measure
    default:
      guard let size = ReachSize(argument) else { return nil }
      self = .size(size)
    }
  }
}

/// One number of voxels, 0 or more, for all axes, or one for each.
struct ReachSize {
  private let size: SizeArgument<Int>

  var text: String { size.text }
  /// Whether all numbers are above 0.
  let isPositive: Bool

  init?(_ text: String) {
    var isPositive = true
    let size = SizeArgument(text, separators: ["x"]) { part -> Int? in
      guard let number = Int(part), (0...1 << 20).contains(number) else { return nil }
      isPositive = isPositive && number > 0
      return number
    }
    guard let size else { return nil }
    (self.size, self.isPositive) = (size, isPositive)
  }

  func size(over image: ImageSize, planar: Int, option: String) throws -> PerAxis<Int> {
    try size.expanded(over: image, planar: planar, option: option)
  }
}

extension ReachArgument: ExplainedArgument {
  static func fault(in argument: String) -> String? {
    "it is a number of voxels, or one for each axis, as in 8 or 8x8x4; or measure"
  }
}

extension InferCommand {
  /// Throws where options contradict each other about where patches lie.
  func checkAlignment() throws {
    guard let option = patches.alignment.given.first else { return }
    let placement = patches.placement
    if patches.mask != nil || patches.foreground != nil {
      throw ValidationError(
        "\(option) is for whole scans: the faces of the box of --mask or --foreground are inside the scan; leave one of them out"
      )
    }
    if patches.compat != nil {
      throw ValidationError("--compat decides where patches begin; leave out \(option)")
    }
    if placement.edge != nil, patches.alignment.halo != nil {
      throw ValidationError("--halo pads the scan at its end; leave out --edge")
    }
    if placement.edge != nil,
      patches.alignment.align.map({ if case .none = $0 { false } else { true } }) ?? false
    {
      throw ValidationError("--align pads the scan at its end; leave out --edge")
    }
    guard patches.alignment.halo != nil else { return }
    if placement.overlap != nil {
      throw ValidationError("--halo decides what neighbors share; leave out --overlap")
    }
    if merging.blend != nil {
      throw ValidationError("--halo uses the middle of each patch; leave out --blend")
    }
  }

  /// Measures how far a network looks, where an option asks for that; prints what was found.
  ///
  /// - Returns: `nil` where nothing is asked.
  /// - Throws: as `PatchPipeline.measureReach(channels:)`.
  func measuredReach(of loaded: LoadedNetwork) async throws -> NetworkReach? {
    guard try patches.alignment.mustMeasure(loaded.model.defaults) else { return nil }
    return try await patches.alignment.measure(loaded, seenAs: network.frame, patch: patches.patch)
  }
}

extension AlignmentOptions {
  /// Measures how far a network looks, unless that was done before, and prints what was found.
  ///
  /// - Parameters:
  ///   - frame: how the network sees a scan.
  ///   - patch: a size that it takes; `nil` for that of its file.
  ///   - channels: of the scan, where it takes any number.
  /// - Throws: as `PatchPipeline.measureReach(channels:)`.
  func measure(
    _ network: LoadedNetwork, seenAs frame: FrameOptions, patch: PatchArgument?, channels: Int = 1
  ) async throws -> NetworkReach {
    let model = network.model
    let defaults = try model.defaults
    let isPlanar = model.signature.spatialRank == 2
    let shown = ImageSize(
      VolumeInfo(
        extent: isPlanar ? Extent(width: 1 << 20, height: 1 << 20) : Extent(1 << 16), scalarType: .float32))
    var settings = InferenceSettings()
    frame.apply(to: &settings, defaults: defaults)
    settings.patch = try patch?.extent(over: shown) ?? defaults.patch
    let cache = try ReachCache(of: network, settings: settings, channels: channels)
    let reach: NetworkReach
    let source: String
    if let cache, let entry = cache.entry, let known = entry.reach {
      reach = known
      source = "measured before on \(entry.device), as \(cache.path.printable) says"
    } else {
      let start = ContinuousClock.now
      reach = try await PatchPipeline(model: model, settings: settings).measureReach(channels: channels)
      let seconds = (ContinuousClock.now - start).seconds
      cache?.keep(reach, device: network.provider, seconds: seconds)
      source = "measured in \(Console.rounded(seconds, decimals: 1)) s; \(Self.text(reach)) saves that"
    }
    Console.note(
      "reach    total stride \(reach.stride.sizeText), receptive radius \(reach.radius.sizeText) voxels (\(source))"
    )
    if try contradicts(reach, over: shown) {
      Console.warn(
        "--align is no multiple of that stride, or --halo less than that radius, so the result is not that of the whole scan"
      )
    }
    return reach
  }

  /// The options that say how far a network looks.
  static func text(_ reach: NetworkReach) -> String {
    "--align \(reach.stride.sizeText) --halo \(reach.radius.sizeText)"
  }
}

extension PerAxis<Int> {
  /// One number where all are the same, or all three, as in `8x8x4`.
  fileprivate var sizeText: String {
    Set(all).count == 1 ? "\(x)" : all.map(String.init).joined(separator: "x")
  }
}
