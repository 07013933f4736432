/// Consecutive slices of an image, as they stream out of a merge.
public struct Slab<Scalar: VoxelScalar>: Sendable {
  /// Which slices of the image they are.
  public let slices: Range<Int>
  /// The voxels; its depth is the number of slices.
  public let volume: Volume<Scalar>

  /// Creates a slab.
  ///
  /// - Precondition: the volume has as many slices as the range.
  public init(slices: Range<Int>, volume: Volume<Scalar>) {
    precondition(
      slices.count == volume.extent.depth,
      "a slab of \(slices.count) slices cannot hold \(volume.extent.depth)")
    self.slices = slices
    self.volume = volume
  }
}
