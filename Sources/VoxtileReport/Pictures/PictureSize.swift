import Voxtile

/// How large the picture of an image may be.
enum PictureSize {
  /// The size of a picture with at most so many voxels: fine axes are made coarser first, until the voxels of
  /// the picture are as good as cubes in mm.
  ///
  /// - Parameters:
  ///   - extent: the size of the image, at least 1 along each axis.
  ///   - spacing: the size of a voxel in mm; sizes that are no positive number count as 1.
  ///   - voxels: the most voxels of the picture, at least 1.
  static func fitting(_ extent: Extent, spacing: PerAxis<Double>, voxels: Int) -> Extent {
    let lengths = extent.sizes.map { axis, size in
      let length = Double(size) * spacing[axis]
      return length.isFinite && length > 0 ? length : Double(size)
    }
    func size(_ step: Double) -> Extent {
      Extent(
        extent.sizes.map { axis, size in
          // Axes with more voxels than a picture can have are longer than any number of its voxels.
          max(1, Int(min(Double(size), lengths[axis] / step)))
        })
    }
    func fits(_ size: Extent) -> Bool { size.voxelCountIfRepresentable.map { $0 <= voxels } ?? false }
    if fits(extent) { return extent }
    var low = 0.0
    var high = lengths.all.reduce(1, max) + 1
    for _ in 0..<100 {
      let middle = low / 2 + high / 2
      if fits(size(middle)) { high = middle } else { low = middle }
    }
    return size(high)
  }
}
