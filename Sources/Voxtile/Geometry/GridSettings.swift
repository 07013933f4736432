/// Everything that decides where the patches of an image lie, but for the image.
public struct GridSettings: Hashable, Sendable {
  /// The size of a patch in voxels.
  public var patch: Extent
  /// What neighbors share along each axis.
  public var overlap: PerAxis<Overlap>
  /// What happens where the grid does not fit, along each axis.
  public var edge: PerAxis<EdgePolicy>
  /// How voxels outside the image are made where ``EdgePolicy/pad(_:)`` needs them.
  public var padding: Padding
  /// How patches are numbered.
  public var order: PatchOrder

  /// Creates settings with one value an axis.
  public init(
    patch: Extent, overlap: PerAxis<Overlap>, edge: PerAxis<EdgePolicy> = PerAxis(.shift),
    padding: Padding = .constant(0), order: PatchOrder = .xFastest
  ) {
    self.patch = patch
    self.overlap = overlap
    self.edge = edge
    self.padding = padding
    self.order = order
  }

  /// Creates settings with one overlap and one edge policy for all axes.
  ///
  /// A patch that is one voxel thick along an axis overlaps nothing there.
  public init(
    patch: Extent, overlap: Overlap, edge: EdgePolicy = .shift, padding: Padding = .constant(0),
    order: PatchOrder = .xFastest
  ) {
    self.init(
      patch: patch, overlap: PerAxis(overlap, patch: patch), edge: PerAxis(edge),
      padding: padding, order: order)
  }
}
