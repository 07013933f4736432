import ArgumentParser
import Voxtile
import VoxtileInference

/// What `voxtile plan --fit` may change, and what it has to keep to.
struct FitOptions: ParsableArguments {
  /// What is not changed.
  enum Kept: String, CaseIterable, ExpressibleByArgument {
    case patch, overlap
  }

  @Flag(
    help: ArgumentHelp(
      "Propose patch and overlap, best first, for one scan, several, or a folder of them.",
      discussion: """
        Of all grids that fit --memory: what loses fewest voxels; then the patch nearest to --patch, or without it the \
        largest, as even in mm as it can be; then the overlap nearest to --overlap; then fewest voxels in patches.
        """))
  var fit = false

  @Option(
    help: ArgumentHelp(
      "With --fit: propose for predictions of a network, which is timed; by default for crop and merge.",
      valueName: "net.onnx"), completion: .file(extensions: ["onnx"]))
  var model: String?

  @Option(
    name: .customLong("multiple-of"),
    help: ArgumentHelp(
      "With --fit: what the size of a patch has to be a multiple of (default: 16, or what --patch shares with it).",
      valueName: "16|16x16x8"))
  var multipleOf: PatchArgument?

  @Option(help: "With --fit: what is not changed, patch or overlap; may be given twice.")
  var keep: [Kept] = []

  @Option(
    help: ArgumentHelp(
      "With --model: ONNX Runtime's library, or a folder with it; found by itself where Python's onnxruntime is installed.",
      valueName: "path"), completion: .file())
  var onnxruntime: String?

  @OptionGroup var frame: FrameOptions

  func validate() throws {
    if frame.isGiven, model == nil {
      throw ValidationError("--orientation and --axes need --fit and --model")
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

  /// What the sizes of patches are multiples of.
  func multiple(
    over extent: Extent, patch: Extent?, model: PerAxis<Int>?
  ) throws -> PerAxis<Int> {
    if let multipleOf {
      return try multipleOf.size.expanded(over: extent, planar: 1, option: "--multiple-of")
    }
    if let model { return model }
    // A patch of 100 was meant for a network that halves it twice.
    return extent.sizes.map { axis, _ in
      [16, 8, 4, 2, 1].first { (patch?[axis] ?? 16) % $0 == 0 } ?? 1
    }
  }
}
