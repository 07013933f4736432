import ArgumentParser
import Voxtile
import VoxtileInference

/// Which patches `voxtile infer` predicts.
struct InferencePatchOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The size of a patch in voxels, x first; by default the network's own. Use the size that it was trained with.",
      valueName: "96|96x96x64"))
  var patch: PatchArgument?

  @OptionGroup var placement: PlacementOptions

  @OptionGroup var alignment: AlignmentOptions

  @Option(
    help: ArgumentHelp("Place, pad and weight patches exactly as another system does.", valueName: "system"))
  var compat: Compatibility?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many patches the network sees at once (default: 1).", valueName: "n"))
  var batch: Int?

  @Option(
    help: "An image on the scan's grid; only the bounding box of its voxels above 0 is predicted.",
    completion: .file())
  var mask: String?

  @Option(
    help: ArgumentHelp(
      "Predict only the bounding box of the scan's voxels above 0 (positive, also without a value), or of those other than 0; "
        + "everything else is background.",
      valueName: "values"))
  var foreground: Foreground?

  @Option(
    name: .customLong("skip-below"), parsing: .unconditional,
    help: ArgumentHelp(
      "Skip patches in which every voxel is below this value; they are background.", valueName: "value"))
  var skipBelow: Double?

  func validate() throws {
    if let batch, batch < 1 { throw ValidationError("--batch \(batch) is empty; use 1 or more") }
    if compat != nil, placement.edge != nil || placement.padding != nil {
      throw InferCommand.compatDecides
    }
    if let skipBelow, skipBelow.isNaN { throw ValidationError("--skip-below is not a number") }
  }

  /// The settings that these options stand for.
  ///
  /// - Parameter reach: how far the model looks, where that was measured.
  func settings(
    over info: VolumeInfo, model: any PatchModel, defaults: ModelDefaults, reach: NetworkReach?
  ) throws -> InferenceSettings {
    var settings = InferenceSettings()
    // A 2D network sees one slice at a time, whatever the image.
    let shown = model.signature.spatialRank == 2 ? ImageSize(info).slice : ImageSize(info)
    settings.patch = try patch?.extent(over: shown) ?? defaults.patch
    let size = settings.patch ?? shown.extent
    settings.overlap = try placement.overlap?.overlap(over: shown, patch: size)
    settings.edge = try placement.edge(over: shown)
    settings.padding = placement.paddingOrZero
    settings.compatibility = compat
    try alignment.apply(
      to: &settings, over: shown, defaults: defaults, measured: reach,
      isPlaced: compat != nil || placement.edge != nil || mask != nil || foreground != nil)
    settings.batch = batch ?? 1
    settings.foreground = foreground
    settings.skipBelow = skipBelow
    return settings
  }
}

/// How `voxtile infer` merges predictions.
struct PredictionMergeOptions: ParsableArguments {
  @Option(help: "How predictions are weighted where patches overlap (default: gaussian).")
  var blend: PredictionBlend?

  /// Puts the options into settings.
  ///
  /// - Parameter isDecided: whether another option has decided the blend.
  func apply(to settings: inout InferenceSettings, isDecided: Bool) {
    if !isDecided { settings.blend = blend?.blend ?? .gaussian }
  }
}

extension Compatibility: ExpressibleByArgument {}
