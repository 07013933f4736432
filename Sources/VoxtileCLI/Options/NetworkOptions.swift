import ArgumentParser
import Voxtile
import VoxtileInference

/// What a network sees, and what runs it.
struct NetworkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How intensities are normalized (default: what the network file says, else none).",
      valueName: "how"))
  var normalize: Normalization?

  @OptionGroup var frame: FrameOptions

  @OptionGroup var spacing: PredictionSpacingOptions

  @Option(
    help: ArgumentHelp(
      "Also predict patches mirrored along these axes, in every combination, and average the predictions.",
      valueName: "xyz|none"))
  var mirror: MirrorArgument?

  @Flag(exclusivity: .exclusive) var outputFit: OutputFit?

  @Option(
    help: ArgumentHelp(
      "The order of the axes of the network's input, as letters: N patches, C channels, D, H and W (default: what the network "
        + "file says, else what its sizes suggest).",
      valueName: "NCDHW|NDHWC|CDHW"))
  var layout: TensorLayout?

  @Option(
    help: ArgumentHelp(
      "ONNX Runtime's provider that runs the network: auto for the first of cuda, tensorrt, coreml, openvino "
        + "and cpu that works here, or one by its name. cpu gives the same bits each time.",
      valueName: "name"))
  var provider = "auto"

  @Option(
    name: .customLong("provider-option"),
    help: ArgumentHelp(
      "A setting of the provider, in its own words, such as num_of_threads=2. May be given several times.",
      valueName: "key=value"))
  var providerOption: [ProviderSetting] = []

  @Option(
    help: ArgumentHelp(
      "ONNX Runtime's library, or its folder. It is found without this option where Python's onnxruntime is installed.",
      valueName: "path"), completion: .file())
  var onnxruntime: String?

  @Option(
    name: .customLong("output-name"), help: "Which output of the network to use; by default the first.")
  var outputName: String?

  /// How the network is loaded.
  func options(jobs: Jobs, warn: @escaping @Sendable (String) -> Void) -> EngineOptions {
    EngineOptions(
      library: onnxruntime, jobs: jobs, provider: provider,
      providerOptions: Dictionary(providerOption.map { ($0.key, $0.value) }) { _, last in last },
      outputs: outputName.map { [$0] }, layout: layout,
      warn: warn)
  }

  /// Puts the options into settings.
  func apply(to settings: inout InferenceSettings, defaults: ModelDefaults) {
    settings.normalization = normalize ?? defaults.normalization ?? .none
    frame.apply(to: &settings, defaults: defaults)
    settings.mirrors = mirror?.axes ?? []
    settings.outputFit = outputFit
  }
}

/// A setting of a provider, as in `num_of_threads=2`.
struct ProviderSetting: ExpressibleByArgument {
  let key: String
  let value: String

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
      String.init)
    guard parts.count == 2, !parts[0].isEmpty else { return nil }
    (key, value) = (parts[0], parts[1])
  }
}

extension ProviderSetting: ExplainedArgument {
  static func fault(in argument: String) -> String? { "a setting is KEY=VALUE, such as num_of_threads=2" }
}

/// Some of the axes x, y and z, as in `xy`, or `none`.
struct MirrorArgument: ExpressibleByArgument {
  let axes: Set<Axis>

  init?(argument: String) {
    if argument == "none" {
      axes = []
      return
    }
    let axes = argument.lowercased().compactMap { Axis(rawValue: String($0)) }
    guard axes.count == argument.count, Set(axes).count == axes.count, !axes.isEmpty else { return nil }
    self.axes = Set(axes)
  }
}

extension Normalization: ExpressibleByArgument {
  /// The normalization of a name, with its numbers.
  public init?(argument: String) { self.init(argument) }

  /// How each normalization is written.
  public static var allValueStrings: [String] { forms.map(\.0) }

  /// What each normalization does.
  public static var allValueDescriptions: [String: String] { Dictionary(uniqueKeysWithValues: forms) }

  private static var forms: [(String, String)] {
    [
      ("none", "leave them as they are"),
      ("zscore", "to mean 0 and standard deviation 1"),
      ("zscore:nonzero", "as zscore, with the statistics of the voxels other than 0"),
      ("zscore:box", "as zscore, of the box that --foreground or --mask leaves (infer only)"),
      ("minmax", "from the scan's range to 0...1"),
      ("percentiles:LOW,HIGH", "map two percentiles to 0 and 1, and clip"),
      ("window:LOW,HIGH", "map a CT window to 0...1, and clip"),
      ("ct:LOW,HIGH,MEAN,STD", "clip, subtract a mean and divide by a deviation, as nnU-Net does for CT"),
      ("maximum", "divide by the largest value"),
      ("peak:PERCENT,LIMIT", "divide by a percentile of the values above 0, and clip to 0...LIMIT"),
    ]
  }
}

extension Activation: ExpressibleByArgument {}

extension TensorLayout: ExpressibleByArgument {}

extension OutputFit: EnumerableFlag {
  /// `--output-margin` and `--output-scale`.
  public static func name(for value: OutputFit) -> NameSpecification {
    .customLong("output-\(value.rawValue)")
  }

  /// What each flag says.
  public static func help(for value: OutputFit) -> ArgumentHelp? {
    switch value {
    case .margin:
      "The network gives fewer voxels than a patch has because they are its middle (by default two sizes are tried)."
    case .scale:
      "The network gives fewer or more voxels than a patch has because they have another size (by default two sizes are tried)."
    }
  }
}
