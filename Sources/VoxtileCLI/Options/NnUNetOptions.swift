import ArgumentParser
import Voxtile
import VoxtileInference

/// A trained nnU-Net that says itself how it predicts.
struct NnUNetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A trained nnU-Net, as Examples/FromNnUNet/export.py writes it, in place of --model. It decides what is done before, during and "
        + "after the network; --mirror none saves its mirrored patches, and --compat nnunet-half sums as it does on the CPU.",
      valueName: "folder"),
    completion: .directory)
  var nnunet: String?

  @Option(
    help: ArgumentHelp(
      "The folds of --nnunet whose mean is predicted, joined by commas (default: all that were exported).",
      valueName: "0,1"))
  var folds: LabelsArgument?

  func validate() throws {
    if folds != nil, nnunet == nil { throw ValidationError("--folds is for --nnunet") }
  }

  /// The folder, where one was given.
  func folder() throws -> NnUNetFolder? { try nnunet.map { try NnUNetFolder($0, folds: folds?.values) } }
}

extension InferCommand {
  /// Throws unless there is a network, and where options contradict what an nnU-Net decides itself.
  func checkNetworkOptions() throws {
    guard nnunet.nnunet != nil else {
      if files.model.isEmpty, !tasks.isGiven {
        throw ValidationError(
          "there is no network; name a file with --model, a folder with --nnunet, or several networks with --task"
        )
      }
      return
    }
    guard files.model.isEmpty else { throw ValidationError("use one of --model and --nnunet") }
    if let option = nnUNetDecided.first {
      throw ValidationError("--nnunet decides \(option.name) itself; leave that out")
    }
  }

  /// The options that were given though an nnU-Net decides them itself.
  var nnUNetDecided: [(name: String, isGiven: Bool)] {
    let placement = patches.placement
    let given: [(name: String, isGiven: Bool)] = [
      ("--patch", patches.patch != nil), ("--compat", patches.compat != nil && patches.compat != .nnUNetHalf),
      ("--mask", patches.mask != nil), ("--foreground", patches.foreground != nil),
      ("--skip-below", patches.skipBelow != nil), ("--overlap", placement.overlap != nil),
      ("--align", patches.alignment.align != nil), ("--halo", patches.alignment.halo != nil),
      ("--edge", placement.edge != nil), ("--padding", placement.padding != nil),
      ("--blend", merging.blend != nil), ("--normalize", network.normalize != nil),
      ("--orientation or --axes", network.frame.isGiven), ("--spacing", network.spacing.spacing != nil),
      ("--convention", network.spacing.convention != nil),
      ("--interpolation", network.spacing.interpolation != nil), ("--layout", network.layout != nil),
      ("--output-margin or --output-scale", network.outputFit != nil),
      ("--output-name", network.outputName != nil), ("--activation", result.activation != .automatic),
      ("--threshold", result.threshold != 0.5), ("--labels", result.labels != nil),
    ]
    return given.filter(\.isGiven)
  }

  /// The settings of an nnU-Net.
  func settings(of folder: NnUNetFolder, over info: VolumeInfo) throws -> InferenceSettings {
    var settings = try folder.settings(over: info)
    if let mirror = network.mirror { settings.mirrors = mirror.axes }
    if patches.compat == .nnUNetHalf { settings.compatibility = .nnUNetHalf }
    settings.batch = patches.batch ?? 1
    return settings
  }
}
