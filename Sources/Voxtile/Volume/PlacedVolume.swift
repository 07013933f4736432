/// A volume, and the box of an image that it is: a slab of a merge, a part of a patch, what was read of a file.
public struct PlacedVolume<Scalar: VoxelScalar>: Sendable {
  /// The box of the image.
  public let region: Region
  /// The voxels.
  public let volume: Volume<Scalar>

  /// Says where a volume lies.
  ///
  /// - Precondition: the region has the size of the volume.
  public init(region: Region, volume: Volume<Scalar>) {
    precondition(
      region.extent == volume.extent, "a volume of \(volume.extent) cannot be the box \(region) of an image")
    self.region = region
    self.volume = volume
  }

  /// Where a value lies in the memory of the volume.
  ///
  /// - Parameter voxel: a voxel of the image, inside ``region``.
  @inline(__always)
  func offset(of voxel: Position, channel: Int) -> Int {
    let place = voxel - region.origin
    return ((channel * region.extent.depth + place.z) * region.extent.height + place.y)
      * region.extent.width + place.x
  }
}
