import ArgumentParser
import Voxtile

/// The options that lay a grid, shared by every command that does.
struct GridOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The size of a patch in voxels, x first; at least 1 each.",
      discussion: "One number means all axes: 96 is 96x96x96 on a volume, 96x96 on an image.",
      valueName: "96|96x96x64"))
  var patch: PatchArgument

  @OptionGroup var layout: LayoutOptions

  /// The grid over an image.
  func grid(over extent: Extent) throws -> PatchGrid { try layout.grid(of: patch, over: extent) }
}

/// How patches of a known size are laid.
struct LayoutOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What neighbouring patches share, in voxels or percent of the patch; less than the patch (default: 25%).",
      valueName: "32|32x32x16|25%"))
  var overlap: OverlapArgument?

  @Option(
    help: ArgumentHelp(
      "What happens where the grid does not fit: \(EdgePolicy.allCases.map(\.description).joined(separator: ", ")) "
        + "(default: shift).",
      discussion: """
        shift: the last patch moves inward, nothing is lost. balance: all patches are spread evenly. pad, \
        pad-both: missing voxels are made up behind the image, or on both sides. partial: the last patch is \
        smaller. discard: what does not fit is lost. One policy, or one for each axis joined by commas.
        """,
      valueName: "policy"))
  var edge: EdgeArgument?

  @Option(
    help: ArgumentHelp(
      "How missing voxels are made with --edge pad: constant, constant:VALUE, edge, reflect, symmetric, wrap (default: "
        + "constant).",
      valueName: "padding"))
  var padding: Padding?

  @Option(
    help: ArgumentHelp(
      "Which axis runs fastest when patches are numbered: x (as voxels lie in memory) or z (default: x).",
      valueName: "x|z"))
  var order: PatchOrder?

  /// The names of the options that were given.
  var given: [String] {
    [
      ("--overlap", overlap != nil), ("--edge", edge != nil), ("--padding", padding != nil),
      ("--order", order != nil),
    ].filter { $0.1 }.map { $0.0 }
  }

  /// The edge policy of each axis of an image.
  func edge(over extent: Extent) throws -> PerAxis<EdgePolicy> { try (edge ?? .shift).edge(over: extent) }

  /// The grid over an image.
  func grid(of patch: PatchArgument, over extent: Extent) throws -> PatchGrid {
    let size = try patch.extent(over: extent)
    let overlap = try (overlap ?? .quarter).overlap(over: extent, patch: size)
    for axis in Axis.allCases {
      do {
        _ = try overlap[axis].voxels(patch: size[axis], axis: axis)
      } catch {
        // No image fits a patch and an overlap that contradict each other.
        throw ValidationError(error.message)
      }
    }
    return try PatchGrid(
      over: extent,
      settings: GridSettings(
        patch: size, overlap: overlap, edge: edge(over: extent), padding: padding ?? .constant(0),
        order: order ?? .xFastest))
  }
}
