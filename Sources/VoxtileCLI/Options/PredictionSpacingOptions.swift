import ArgumentParser
import Voxtile
import VoxtileInference

/// The voxels that a network sees.
struct PredictionSpacingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The size of a voxel in mm that the network was trained with, x first in the network's orientation, or one size for all axes. "
        + "The scan is resampled to it, and the result comes back to the scan's own voxels. keep leaves the scan as it is (default: "
        + "what the network file says, else keep).", valueName: "1.5|0.8x0.8x1.5|keep"))
  var spacing: PredictionSpacingArgument?

  @Option(
    help:
      "The system whose voxels are made, which is that of the network (default: what the network file says, else nnunet)."
  )
  var convention: ResamplingConvention?

  @Option(
    help: ArgumentHelp(
      "How values of the scan between voxels are made; by default as the convention does it: cubic for nnunet, else linear.",
      valueName: "how"))
  var interpolation: Interpolation?

  /// The options that were given.
  var given: [String] {
    [
      ("--spacing", spacing != nil), ("--convention", convention != nil),
      ("--interpolation", interpolation != nil),
    ].filter(\.1).map(\.0)
  }

  func validate() throws {
    if case .keep = spacing, convention != nil || interpolation != nil {
      throw ValidationError(
        "--spacing keep resamples nothing; leave out --convention and --interpolation")
    }
    if let interpolation, let convention, !convention.has(interpolation) {
      throw ValidationError(
        "--convention \(convention.rawValue) has no --interpolation \(interpolation.rawValue); use nearest or linear"
      )
    }
  }

  /// Puts the options into settings.
  func apply(
    to settings: inout InferenceSettings, over info: VolumeInfo, model: any PatchModel,
    defaults: ModelDefaults
  ) throws {
    // A picture's pixels have no size in mm.
    settings.spacing = info.metadata.place == .unknown ? nil : defaults.spacing
    let size: PerAxis<Double>
    switch spacing {
    case .keep: return
    case .size(let argument):
      let image = ImageSize(info)
      size = try argument.spacing(
        over: model.signature.spatialRank == 2 ? image.slice : image, planar: info.metadata.spacing.z)
    case nil:
      guard let trained = settings.spacing else {
        guard convention == nil && interpolation == nil || info.metadata.place == .unknown else {
          throw ValidationError(
            "--convention and --interpolation say how the scan gets the network's voxels; give their size with --spacing"
          )
        }
        return
      }
      size = trained
    }
    settings.resampling = ScanResampling(
      to: size, convention: convention ?? defaults.convention ?? .nnunet, interpolation: interpolation)
    settings.resampling?.isAskedByNetwork = spacing == nil
  }
}

/// The size of the voxels that a network sees, or those of the scan.
enum PredictionSpacingArgument: ExpressibleByArgument {
  case keep
  case size(SpacingArgument)

  init?(argument: String) {
    if argument == "keep" {
      self = .keep
      return
    }
    guard let size = SpacingArgument(argument: argument) else { return nil }
    self = .size(size)
  }
}
