import ArgumentParser
import Voxtile
import VoxtileInference

/// What a network is shown, and what runs it.
struct NetworkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What happens to intensities: none, zscore, zscore:nonzero, minmax, percentiles:LOW,HIGH, window:LOW,HIGH, "
        + "maximum, peak:PERCENT,LIMIT (default: none, or what the network says).",
      discussion: """
        zscore: mean 0, standard deviation 1; with :nonzero, of the voxels other than 0. minmax: to 0...1. percentiles: \
        two percentiles to 0 and 1, clipped. window: a CT window to 0...1, clipped. maximum: divided by the largest \
        value. peak: divided by a percentile of what is above 0, clipped to 0...LIMIT.
        """,
      valueName: "how"))
  var normalize: Normalization?

  @OptionGroup var frame: FrameOptions

  @Option(
    help: ArgumentHelp(
      "Mirror patches along these axes, in every combination, and take the mean.", valueName: "xyz"))
  var mirror: MirrorArgument?

  @Option(
    help: ArgumentHelp(
      "What runs the network: cpu, cuda, tensorrt, coreml, openvino or another provider of ONNX Runtime.",
      valueName: "name"))
  var provider = "cpu"

  @Option(
    help: ArgumentHelp(
      "ONNX Runtime's library, or a folder with it; found by itself where Python's onnxruntime is installed.",
      valueName: "path"), completion: .file())
  var onnxruntime: String?

  @Option(
    name: .customLong("output-name"), help: "Which of the network's outputs to use; by default its first.")
  var outputName: String?

  /// How the network is loaded.
  func options(jobs: Jobs) -> EngineOptions {
    EngineOptions(
      library: onnxruntime, jobs: jobs, provider: provider, outputs: outputName.map { [$0] },
      warn: Console.warn)
  }

  /// Puts the options into settings.
  func apply(to settings: inout InferenceSettings, defaults: ModelDefaults) throws {
    settings.normalization = normalize ?? defaults.normalization ?? .none
    frame.apply(to: &settings, defaults: defaults)
    settings.mirrors = mirror?.axes ?? []
  }
}

/// Some of the axes x, y and z, as in `xy`.
struct MirrorArgument: ExpressibleByArgument {
  let axes: Set<Axis>

  init?(argument: String) {
    let axes = argument.lowercased().compactMap { Axis(rawValue: String($0)) }
    guard axes.count == argument.count, Set(axes).count == axes.count, !axes.isEmpty else { return nil }
    self.axes = Set(axes)
  }
}

extension Normalization: ExpressibleByArgument {
  /// Reads a normalization from its description, such as `zscore`.
  public init?(argument: String) { self.init(argument) }
}

extension Activation: ExpressibleByArgument {}
