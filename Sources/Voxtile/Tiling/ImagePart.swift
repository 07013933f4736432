/// A box of an image that is in memory.
struct ImagePart<Scalar: VoxelScalar>: Sendable {
  /// Which box it is.
  let region: Region
  /// The voxels.
  let volume: Volume<Scalar>
}
