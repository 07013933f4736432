import ArgumentParser
import Voxtile
import VoxtileInference

/// How `voxtile infer` cuts patches and puts predictions together.
struct InferencePatchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The size of a patch, x first; by default the network's own. Use the size that it was trained with.",
      valueName: "96|96x96x64"))
  var patch: PatchArgument?

  @Option(
    help: ArgumentHelp(
      "What neighbouring patches share, in voxels or percent of the patch; by default half.",
      valueName: "32|32x32x16|50%"))
  var overlap: OverlapArgument?

  @Option(
    help: ArgumentHelp(
      "What happens where the patches do not fit: shift, balance, pad, pad-both, partial, discard (default: shift).",
      valueName: "policy"))
  var edge: EdgeArgument?

  @Option(
    help: ArgumentHelp(
      "How voxels beyond the image are made: constant, constant:VALUE, edge, reflect, symmetric, wrap (default: "
        + "constant). The value counts after the normalisation.",
      valueName: "padding"))
  var padding: Padding?

  @Option(
    help: "How predictions are weighted: \(BlendName.list(PredictionBlend.names)) (default: gaussian).")
  var blend: PredictionBlend?

  @Option(
    help: ArgumentHelp(
      "Place, pad and weight patches exactly as another system: \(Compatibility.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "system"))
  var compat: Compatibility?

  @Option(help: ArgumentHelp("How many patches the network sees at once (default: 1).", valueName: "n"))
  var batch: Int?

  @Option(
    name: .customLong("skip-below"),
    help: ArgumentHelp(
      "Pass over patches whose every voxel is below a value; they are background.", valueName: "value"))
  var skipBelow: Double?

  func validate() throws {
    if let batch, batch < 1 { throw ValidationError("--batch \(batch) is empty; use 1 or more") }
    if compat != nil, edge != nil || padding != nil || blend != nil {
      throw ValidationError("--compat decides --edge, --padding and --blend; leave those out")
    }
    if let skipBelow, skipBelow.isNaN { throw ValidationError("--skip-below is not a number") }
  }

  /// The settings that these options stand for.
  func settings(
    over extent: Extent, model: any PatchModel, defaults: ModelDefaults
  ) throws -> InferenceSettings {
    var settings = InferenceSettings()
    // A planar network sees one slice at a time, whatever the image.
    let shown = model.signature.spatialRank == 2 ? Extent(width: extent.width, height: extent.height) : extent
    settings.patch = try patch?.extent(over: shown) ?? defaults.patch
    let size = settings.patch ?? shown
    settings.overlap = try overlap?.overlap(over: shown, patch: size)
    settings.edge = try (edge ?? .shift).edge(over: shown)
    settings.padding = padding ?? .constant(0)
    settings.blend = blend?.blend ?? .gaussian
    settings.compatibility = compat
    settings.batch = batch ?? 1
    settings.skipBelow = skipBelow
    return settings
  }
}

extension Compatibility: ExpressibleByArgument {}
