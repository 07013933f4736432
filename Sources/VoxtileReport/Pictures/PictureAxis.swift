/// Which voxels of an image make each voxel of its picture, along one axis.
struct PictureAxis: Sendable {
  /// Voxels of the picture along the axis.
  let count: Int
  /// Voxels of the image along the axis.
  let length: Int

  /// The voxels of the image behind one of the picture; at least one.
  func sources(of index: Int) -> Range<Int> {
    index * length / count..<(index + 1) * length / count
  }

  /// The voxel of the picture that one of the image goes to.
  func target(of voxel: Int) -> Int {
    ((voxel + 1) * count - 1) / length
  }

  /// The voxel of the image that stands for one of the picture where values cannot be averaged.
  func center(of index: Int) -> Int {
    let sources = sources(of: index)
    return (sources.lowerBound + sources.upperBound - 1) / 2
  }
}
