import ArgumentParser
import Voxtile
import VoxtileStore

/// How patches become one image.
struct MergingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How values of overlapping patches become one; by default vote for labels, else average.",
      discussion: """
        Whole numbers count as labels unless neighboring voxels mostly differ. Several channels of values from 0 to 1 \
        are averaged. Never average labels: the average of two labels is a third label. With instances, each patch has \
        numbered its objects on its own, such as cells or lesions, and they get one numbering.
        """))
  var blend: MergeBlend?

  @Option(
    name: .customLong("instance-iou"),
    help: ArgumentHelp(
      "With --blend instances: the least overlap of two patches' objects that are one, as intersection over union (default: 0.5).",
      discussion: "With 0, all objects that share a voxel are one: right for connected components.",
      valueName: "0-1"))
  var instanceIoU: Double?

  @Option(
    help: ArgumentHelp(
      "What to write. Of patch files: what was merged (default), or for each voxel the number of the channel with the largest one, as "
        + "labels. Of predictions that were kept: any kind but the first one (default: labels).",
      valueName: "kind"))
  var outputKind: MergedKindArgument?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The value of voxels in no patch; nan for floating point.", valueName: "value"))
  var fill: Double = 0

  @Option(
    help: ArgumentHelp(
      "What to do where a patch has no file: end with an error, or give voxels in no other patch the fill value.",
      valueName: "what"))
  var missing: PatchStore.MissingPatches = .error

  @Option(
    help: ArgumentHelp(
      "What a NaN in a patch does: makes the voxel NaN, does not count, or is an error.", valueName: "what"))
  var nan: NaNPolicy = .propagate

  @Flag(help: "Merge by names, whatever positions the files say.")
  var ignorePositions = false

  @Option(help: ArgumentHelp("The scalar type to write; by default the patches' own.", valueName: "type"))
  var type: ScalarType?

  @Flag(
    help: ArgumentHelp(
      "With --part: remove predictions that were kept as soon as no part needs them any more, so that they take less room.",
      discussion: "They cannot be merged into another kind of output then."))
  var removeMerged = false

  /// What is written of patch files.
  ///
  /// - Throws: where that is a kind of output that only predictions have.
  func kindOfPatchFiles() throws -> PatchStore.MergedKind {
    let kind = outputKind ?? .values
    guard let merged = PatchStore.MergedKind(rawValue: kind.rawValue) else {
      throw ValidationError(
        "--output-kind \(kind.rawValue) is for predictions that were kept (infer --output-kind predictions); of patch files, values or "
          + "labels are written")
    }
    return merged
  }

  /// The least IoU of instances that become one; `nil` where values are blended.
  var leastInstanceIoU: Double? {
    guard case .instances = blend else { return nil }
    return instanceIoU ?? 0.5
  }

  func validate() throws {
    if let instanceIoU {
      guard (0...1).contains(instanceIoU) else {
        throw ValidationError("--instance-iou \(instanceIoU) is out of range; it is from 0 to 1")
      }
      guard leastInstanceIoU != nil else { throw ValidationError("--instance-iou needs --blend instances") }
    }
    guard !fill.isInfinite else { throw ValidationError("--fill \(fill) is neither a finite number nor nan") }
  }
}

extension PatchStore.MissingPatches: ExpressibleByArgument {}
extension NaNPolicy: ExpressibleByArgument {}
