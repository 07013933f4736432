import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileStore

/// What an image is resampled to, and how.
struct ResamplingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The size of a voxel in mm, x first, or one size for all axes. The convention may make it slightly different, so that a "
        + "whole number of voxels covers the image.", valueName: "1.5|0.8x0.8x1.5"))
  var spacing: SpacingArgument?

  @Option(
    help: ArgumentHelp(
      "Another image, whose voxels are taken: their number and their places; of many images, one for all. Its axes have to run the "
        + "same way.",
      valueName: "file"), completion: .file())
  var like: String?

  @Option(help: ArgumentHelp("The number of voxels along each axis, x first.", valueName: "WxHxD"))
  var size: PatchArgument?

  @Option(help: "The system whose voxels are made, which is that of the network that gets them.")
  var convention: ResamplingConvention = .nnunet

  @Option(
    help: ArgumentHelp(
      "How values between voxels are made; by default as the convention does it: cubic for nnunet, else linear. Labels: nearest, "
        + "or linear for each label by itself, which is the default of nnunet and nnunet-torch.",
      valueName: "how"))
  var interpolation: Interpolation?

  @Flag(
    inversion: .prefixedNo,
    help:
      "Whether values are labels, of which no new ones are made; without it the image decides, which is said."
  )
  var asLabels: Bool?

  @Option(
    help: ArgumentHelp(
      "The scalar type to write; by default that of the image, with values rounded to the nearest one that it holds.",
      valueName: "type"))
  var type: ScalarType?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "A number for NaN and infinity, which would spread over the image; without it they are an error.",
      valueName: "value"))
  var replaceNan: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The stored value of voxels that lie outside of the image, where --like has some.", valueName: "value"))
  var fill: Double = 0

  func validate() throws {
    let targets = [spacing != nil, like != nil, size != nil].count { $0 }
    guard targets == 1 else {
      throw ValidationError(
        targets == 0
          ? "say what to resample to, with --spacing, --size or --like"
          : "use one of --spacing, --size and --like")
    }
    if let interpolation, !convention.has(interpolation) {
      throw ValidationError(
        "--convention \(convention.rawValue) has no --interpolation \(interpolation.rawValue); use nearest or linear"
      )
    }
    if asLabels == true, interpolation == .cubic {
      throw ValidationError(
        "--interpolation cubic overshoots, so it cannot make labels; use nearest or linear")
    }
    if let replaceNan, !replaceNan.isFinite {
      throw ValidationError("--replace-nan \(replaceNan) is not finite itself")
    }
    if !fill.isFinite { throw ValidationError("--fill \(fill) is not a finite number") }
    if fill != 0, like == nil {
      throw ValidationError("--fill is for --like only, which can reach outside of the image")
    }
  }

  /// What an image is resampled to.
  func target(of info: VolumeInfo) throws -> ResamplingTarget {
    if let spacing { return .spacing(try spacing.spacing(over: info)) }
    if let size { return .size(try size.extent(over: ImageSize(info))) }
    return .grid(try Input.info(like ?? ""))
  }
}

extension ResamplingConvention: ExpressibleByArgument {}
extension Interpolation: ExpressibleByArgument {}
