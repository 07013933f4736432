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
      "What happens where the grid does not fit: \(EdgePolicy.allCases.map(\.description).joined(separator: ", ")).",
      discussion: """
        shift: the last patch moves inward, nothing is lost. balance: all patches are spread evenly. pad, \
        pad-both: missing voxels are made up behind the image, or on both sides. partial: the last patch is \
        smaller. discard: what does not fit is lost. One policy, or one for each axis joined by commas.
        """,
      valueName: "policy"))
  var edge: EdgeArgument = .shift

  @Option(
    help: ArgumentHelp(
      "How missing voxels are made with --edge pad: constant, constant:VALUE, edge, reflect, symmetric, wrap.",
      valueName: "padding"))
  var padding: Padding = .constant(0)

  @Option(
    help: ArgumentHelp(
      "Which axis runs fastest when patches are numbered: x (as voxels lie in memory) or z.",
      valueName: "x|z"))
  var order: PatchOrder = .xFastest

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
        patch: size, overlap: overlap, edge: edge.edge(over: extent), padding: padding, order: order))
  }
}
