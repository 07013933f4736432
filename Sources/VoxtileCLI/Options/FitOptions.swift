import ArgumentParser
import Voxtile
import VoxtileInference

/// What `voxtile plan --fit` may change, and what it has to keep.
struct FitOptions: ParsableArguments {
  /// What is not changed.
  enum Kept: String, CaseIterable, ExpressibleByArgument {
    case patch, overlap
  }

  @Flag(
    help: ArgumentHelp(
      "Propose patch sizes and overlaps, best first, for one scan, several, or a folder of scans.",
      discussion: """
        Grids that do not fit --memory are left out. The others are ranked by lost voxels; then by the patch: the nearest \
        to --patch, or without it the largest and most even in mm; then by the overlap nearest to --overlap; then by the \
        number of voxels in patches.
        """))
  var fit = false

  @Option(
    help: ArgumentHelp(
      "With --fit: propose for predictions by this network, by default for crop and merge. It is timed, and how far it looks is measured "
        + "where neither --align and --halo nor its file say it; --align none leaves that out.",
      valueName: "net.onnx"), completion: .file(extensions: ["onnx"]))
  var model: String?

  @Option(
    name: .customLong("multiple-of"),
    help: ArgumentHelp(
      "With --fit: the patch size has to be a multiple of this (default: the largest of 16, 8, 4, 2 and 1 that divides "
        + "--patch).",
      valueName: "16|16x16x8"))
  var multipleOf: PatchArgument?

  @Option(help: "With --fit: what must not change; may be given twice.")
  var keep: [Kept] = []

  @Option(
    help: ArgumentHelp(
      "With --model: ONNX Runtime's library, or its folder. It is found without this option where Python's onnxruntime is "
        + "installed.",
      valueName: "path"), completion: .file())
  var onnxruntime: String?

  @Option(
    help: ArgumentHelp(
      "With --model: how intensities are normalized (default: what the network file says, else none).",
      valueName: "how"))
  var normalize: Normalization?

  @OptionGroup var frame: FrameOptions

  @OptionGroup var spacing: PredictionSpacingOptions

  @OptionGroup var channels: ChannelOptions

  @OptionGroup var alignment: AlignmentOptions

  func validate() throws {
    if frame.isGiven, model == nil {
      throw ValidationError("--orientation and --axes need --fit and --model")
    }
    if normalize != nil, model == nil {
      throw ValidationError("--normalize needs --fit and --model")
    }
    if let option = spacing.given.first ?? channels.given.first, model == nil {
      throw ValidationError("\(option) needs --fit and --model")
    }
    if let option = alignment.given.first, model == nil {
      throw ValidationError("\(option) needs --fit and --model")
    }
    if case .none? = alignment.align, alignment.halo != nil {
      throw ValidationError("--align none aligns nothing, so --halo has no use; leave one of them out")
    }
    if onnxruntime != nil, model == nil {
      throw ValidationError("--onnxruntime needs --fit and --model")
    }
    guard !fit else { return }
    for (name, isGiven) in [
      ("--model", model != nil), ("--multiple-of", multipleOf != nil), ("--keep", !keep.isEmpty),
    ] where isGiven {
      throw ValidationError("\(name) needs --fit")
    }
  }

  /// Loads the network; `nil` where none is named.
  func loadNetwork(jobs: Jobs) async throws -> LoadedNetwork? {
    guard let model else { return nil }
    let warnings = PredictionWarnings()
    return try await LoadedNetwork(
      [model], nnunet: nil,
      options: EngineOptions(library: onnxruntime, jobs: jobs, warn: warnings.say), warnings: warnings)
  }

  /// What patch sizes have to be multiples of.
  func multiple(
    over image: ImageSize, patch: Extent?, model: PerAxis<Int>?
  ) throws -> PerAxis<Int> {
    if let multipleOf {
      return try multipleOf.size.expanded(over: image, planar: 1, option: "--multiple-of")
    }
    if let model { return model }
    // Networks halve a patch several times: one of 100 can be halved twice.
    return image.extent.sizes.map { axis, _ in
      [16, 8, 4, 2, 1].first { (patch?[axis] ?? 16) % $0 == 0 } ?? 1
    }
  }
}
