import ArgumentParser
import Voxtile
import VoxtileInference

/// What becomes of predictions.
struct PredictionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What turns merged values into probabilities: auto (softmax, or sigmoid for one channel), softmax, sigmoid, none.",
      valueName: "name"))
  var activation = Activation.automatic

  @Option(
    help: ArgumentHelp(
      "The least probability of a label with --activation sigmoid, or with none and one channel.",
      valueName: "0.5"))
  var threshold = 0.5

  @Option(
    help: ArgumentHelp(
      "For each channel of the network the label to write, joined by commas (default: 0, 1, 2, ...; with sigmoid 1, 2, "
        + "..., where later channels win).", valueName: "0,2,3,41"))
  var labels: LabelsArgument?

  @Option(
    help: "An image on the scan's grid; only the bounding box of its voxels above 0 is predicted.",
    completion: .file())
  var mask: String?

  @Flag(help: "Predict only the bounding box of the voxels above 0; everything else is background.")
  var foreground = false

  @Option(help: "How hard \(FormatWords.compressedEndings) are compressed: fast, standard or small.")
  var compression: CompressionName = .standard

  func validate() throws {
    guard threshold > 0, threshold < 1 else {
      throw ValidationError("--threshold \(threshold) makes no labels; use more than 0 and less than 1")
    }
  }

  /// Puts the options into settings.
  func apply(to settings: inout InferenceSettings, defaults: ModelDefaults) throws {
    settings.activation = activation
    settings.labels = LabelRule(values: labels?.values, threshold: threshold)
    settings.isForegroundOnly = foreground
  }
}

/// Whole numbers joined by commas.
struct LabelsArgument: ExpressibleByArgument {
  let values: [Int]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let values = parts.compactMap { Int($0) }
    guard values.count == parts.count else { return nil }
    self.values = values
  }
}
