/// Maps the voxels of an image to the voxels of its picture, along one axis.
struct PictureAxis: Sendable {
  /// The number of voxels of the picture along the axis.
  let count: Int
  /// The number of voxels of the image along the axis.
  let length: Int

  /// The image voxels that one picture voxel stands for; never empty.
  func sources(of index: Int) -> Range<Int> {
    index * length / count..<(index + 1) * length / count
  }

  /// The picture voxel that contains an image voxel.
  func target(of voxel: Int) -> Int {
    ((voxel + 1) * count - 1) / length
  }

  /// The image voxel whose value a picture voxel takes if values cannot be averaged.
  func center(of index: Int) -> Int {
    let sources = sources(of: index)
    return (sources.lowerBound + sources.upperBound - 1) / 2
  }
}
