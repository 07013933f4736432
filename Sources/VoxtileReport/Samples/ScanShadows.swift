import Voxtile

/// A scan seen from all sides: the mean of its values along each axis.
struct ScanShadows {
  /// The longer side of a picture, in pixels.
  static let side = 128

  /// A picture for each view.
  let pictures: [SmallPicture]

  /// - Parameters:
  ///   - reader: the scan; of several channels the first.
  ///   - views: the sides that it is seen from.
  /// - Throws: what reading and the check throw.
  /// - Complexity: O(voxels), in one pass; at most 60 MiB of memory.
  init(of reader: any VolumeReader, _ views: [ThumbnailView], check: () throws -> Void) throws {
    let extent = reader.info.extent
    let size = Extent(extent.sizes.map { _, length in min(length, Self.side) })
    var shrunk = PictureBuilder(of: extent, size: size)
    for region in reader.info.slabs(maximumBytes: 4 << 20, valueByteCount: MemoryLayout<Double>.stride) {
      try check()
      shrunk.add(try reader.readReal(region, as: Double.self).voxels, at: region)
    }
    let means = shrunk.means
    pictures = views.map { view in
      let flat = Extent(size.sizes.map { axis, length in axis == view.axis ? 1 : length })
      let pixels = view.size(of: reader.info, side: Self.side)
      let shadow = Self.mean(of: means, size, along: view.axis)
      return SmallPicture(
        size: pixels,
        pixels: ThumbnailPixels(gray: ThumbnailSlice.turned(shadow, of: flat, view, pixels), labels: nil))
    }
  }

  /// The mean along an axis; where no voxel is finite, NaN.
  private static func mean(of values: [Double], _ extent: Extent, along axis: Axis) -> [Double] {
    let flat = Extent(extent.sizes.map { $0 == axis ? 1 : $1 })
    var sums = [Double](repeating: 0, count: flat.voxelCount)
    var counts = [Int](repeating: 0, count: flat.voxelCount)
    var index = 0
    for z in 0..<extent.depth {
      for y in 0..<extent.height {
        let row = ((axis == .z ? 0 : z) * flat.height + (axis == .y ? 0 : y)) * flat.width
        for x in 0..<extent.width {
          let target = axis == .x ? row : row + x
          if values[index].isFinite {
            sums[target] += values[index]
            counts[target] += 1
          }
          index += 1
        }
      }
    }
    return zip(sums, counts).map { $1 > 0 ? $0 / Double($1) : .nan }
  }
}
