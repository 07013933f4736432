import Voxtile

/// Chooses the size of the picture of an image.
enum PictureSize {
  /// Returns the largest size that fits in a number of voxels.
  ///
  /// Axes with the smallest spacing are downsampled first, until the voxels of the picture are nearly isotropic.
  ///
  /// - Parameters:
  ///   - extent: the size of the image, at least 1 along each axis.
  ///   - spacing: the voxel size of the image in mm. A value that is not positive and finite counts as 1.
  ///   - voxels: the maximum number of voxels of the picture, at least 1.
  static func fitting(_ extent: Extent, spacing: PerAxis<Double>, voxels: Int) -> Extent {
    let lengths = extent.sizes.map { axis, size in
      let length = Double(size) * spacing[axis]
      return length.isFinite && length > 0 ? length : Double(size)
    }
    func size(_ step: Double) -> Extent {
      Extent(
        extent.sizes.map { axis, size in
          // Compared as `Double`: for a tiny step the quotient exceeds the range of `Int`.
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
