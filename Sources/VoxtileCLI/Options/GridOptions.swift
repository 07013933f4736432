import ArgumentParser
import Voxtile

/// The grid of a command that always needs one.
struct GridOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The size of a patch in voxels, x first; at least 1 along each axis.",
      discussion: "One number means all axes: 96 is 96x96x96 in a volume and 96x96 in an image.",
      valueName: "96|96x96x64"))
  var patch: PatchArgument

  @OptionGroup var layout: LayoutOptions

  /// The grid over an image.
  func grid(over info: VolumeInfo) throws -> PatchGrid { try layout.grid(of: patch, over: info) }
}

/// How patches of a known size are laid out and numbered.
struct LayoutOptions: ParsableArguments {
  @OptionGroup var placement: PlacementOptions

  @Option(
    help: ArgumentHelp(
      "Which axis runs fastest when patches are numbered (default: x, as voxels lie in memory).",
      valueName: "axis"))
  var order: PatchOrder?

  /// The names of the options that were given.
  var given: [String] {
    [
      ("--overlap", placement.overlap != nil), ("--edge", placement.edge != nil),
      ("--padding", placement.padding != nil), ("--order", order != nil),
    ].filter { $0.1 }.map { $0.0 }
  }

  /// The grid over an image.
  func grid(of patch: PatchArgument, over info: VolumeInfo) throws -> PatchGrid {
    let image = ImageSize(info)
    let size = try patch.extent(over: image)
    let overlap = try (placement.overlap ?? .quarter).overlap(over: image, patch: size)
    for axis in Axis.allCases {
      do {
        _ = try overlap[axis].voxels(patch: size[axis], axis: axis)
      } catch {
        // Wrong usage, since a patch and an overlap that contradict each other fit no image.
        throw ValidationError(error.message)
      }
    }
    return try PatchGrid(
      over: info.extent,
      settings: GridSettings(
        patch: size, overlap: overlap, edge: placement.edge(over: image), padding: placement.paddingOrZero,
        order: order ?? .xFastest))
  }
}

/// How patches overlap, and what happens at the border of the image.
struct PlacementOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What neighboring patches share, in voxels, percent, or as a fraction of the patch; less than the patch (default: "
        + "25%; infer 50%).",
      valueName: "32|32x32x16|25%"))
  var overlap: OverlapArgument?

  @Option(
    help: ArgumentHelp(
      "What happens where the grid does not fit the image: one policy, or one for each axis joined by commas (default: "
        + "shift).", valueName: "policy"))
  var edge: EdgeArgument?

  @Option(
    help: ArgumentHelp(
      "How voxels outside the image are made: constant, constant:VALUE, edge, reflect, symmetric or wrap (default: "
        + "constant). In infer, VALUE is a normalized intensity.",
      valueName: "padding"))
  var padding: Padding?

  /// The edge policy of each axis of an image.
  func edge(over image: ImageSize) throws -> PerAxis<EdgePolicy> { try (edge ?? .shift).edge(over: image) }

  /// The padding, zeros by default.
  var paddingOrZero: Padding { padding ?? .constant(0) }
}
