import Voxtile

/// Downsamples an image that arrives in boxes, in any order. Boxes may overlap.
///
/// Each voxel of the picture stands for a block of image voxels. An intensity is the mean of the block, a label is
/// the one in its center, and a difference is the maximum, so that a single differing voxel stays visible. The caller
/// can choose between mean and label after the last box.
///
/// - Complexity: O(voxels of the image) in time; 20 bytes of memory for each voxel of the picture.
struct PictureBuilder {
  /// The size of the picture.
  let extent: Extent
  /// Whether each voxel of the picture has the maximum instead of the mean.
  private let isLargest: Bool
  private let axes: PerAxis<PictureAxis>
  private var sums: [Double]
  private var counts: [UInt32]
  private var centers: [Double]

  init(of image: Extent, size: Extent, isLargest: Bool = false) {
    extent = size
    self.isLargest = isLargest
    axes = image.sizes.map { axis, length in PictureAxis(count: size[axis], length: length) }
    sums = [Double](repeating: 0, count: size.voxelCount)
    counts = [UInt32](repeating: 0, count: size.voxelCount)
    centers = [Double](repeating: .nan, count: size.voxelCount)
  }

  /// Adds the values of a box.
  ///
  /// - Parameters:
  ///   - values: the values, in memory order.
  ///   - offset: the index of the first value of the box.
  ///   - region: where the box lies; voxels outside the image are ignored.
  mutating func add(_ values: [Double], from offset: Int = 0, at region: Region) {
    let inside = region.intersection(
      Region(Extent(axes.map { _, axis in axis.length })))
    guard inside.voxelCount > 0 else { return }
    let columns = axes.x.target(of: inside.x.lowerBound)...axes.x.target(of: inside.x.upperBound - 1)
    for z in inside.z {
      let slice = axes.z.target(of: z)
      for y in inside.y {
        let line = axes.y.target(of: y)
        let isCenter = axes.z.center(of: slice) == z && axes.y.center(of: line) == y
        let target = (slice * extent.height + line) * extent.width
        let source =
          offset + ((z - region.z.lowerBound) * region.extent.height + y - region.y.lowerBound)
          * region.extent.width - region.x.lowerBound
        for column in columns {
          let range = axes.x.sources(of: column).clamped(to: inside.x)
          add(values, source + range.lowerBound..<source + range.upperBound, to: target + column)
          let center = axes.x.center(of: column)
          if isCenter, range.contains(center) { centers[target + column] = values[source + center] }
        }
      }
    }
  }

  private mutating func add(_ values: [Double], _ range: Range<Int>, to target: Int) {
    var sum = isLargest ? sums[target] : 0
    var count: UInt32 = 0
    for index in range {
      let value = values[index]
      guard value.isFinite else { continue }
      sum = isLargest ? max(sum, value) : sum + value
      count += 1
    }
    sums[target] = isLargest ? sum : sums[target] + sum
    counts[target] += count
  }

  /// The mean or maximum of each block; NaN if the block has no finite value.
  var means: [Double] {
    sums.indices.map { index in
      let count = counts[index]
      return count == 0 ? .nan : isLargest ? sums[index] : sums[index] / Double(count)
    }
  }

  /// The image voxel whose value a voxel of the picture takes if values cannot be averaged.
  func imageVoxel(_ x: Int, _ y: Int, _ z: Int) -> [Int] {
    [axes.x.center(of: x), axes.y.center(of: y), axes.z.center(of: z)]
  }

  /// The value in the center of each block; NaN if it is not finite.
  var labels: [Double] { centers.map { $0.isFinite ? $0 : .nan } }
}
