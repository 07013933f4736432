import Voxtile

/// The mean absolute difference between neighboring voxels, at each coordinate along each axis.
///
/// Add boxes of full width, in file order.
struct NeighborJumps {
  private let extent: Extent
  /// Whether values are labels: then a jump is 1 if two labels differ, and 0 if they are equal.
  private let isLabelMap: Bool
  // Three properties instead of one `PerAxis`: updating one element of it would copy its array.
  private var x: Sums
  private var y: Sums
  private var z: Sums
  /// The previous slice; its first rows may already be overwritten by the current slice. For a 2D image, which can be
  /// huge, only the previous row.
  private var last: [Double]

  init(over extent: Extent, isLabelMap: Bool) {
    self.extent = extent
    self.isLabelMap = isLabelMap
    x = Sums(extent.width)
    y = Sums(extent.height)
    z = Sums(extent.depth)
    last = [Double](repeating: .nan, count: extent.width * (extent.depth > 1 ? extent.height : 1))
  }

  /// Adds the next box.
  mutating func add(_ values: [Double], from offset: Int = 0, at region: Region) {
    let width = extent.width
    for z in region.z {
      for y in region.y {
        let start =
          offset + ((z - region.z.lowerBound) * region.extent.height + y - region.y.lowerBound) * width
        for column in 1..<max(1, width) {
          x.add(jump(values[start + column], values[start + column - 1]), at: column)
        }
        let isFlat = extent.depth == 1
        let row = isFlat ? 0 : y * width
        let above = isFlat ? 0 : row - width
        var alongY = Jump()
        var alongZ = Jump()
        for column in 0..<width {
          let value = values[start + column]
          // `last` already contains the row above from this slice.
          if y > 0 { alongY.add(jump(value, last[above + column])) }
          if !isFlat { alongZ.add(jump(value, last[row + column])) }
          last[row + column] = value
        }
        self.y.add(alongY, at: y)
        self.z.add(alongZ, at: z)
      }
    }
  }

  private func jump(_ a: Double, _ b: Double) -> Double {
    let difference = (a - b).magnitude
    return isLabelMap && difference > 0 ? 1 : difference
  }

  /// The mean jump from the previous coordinate to each coordinate; 0 for the first, and if no jump is finite.
  var means: PerAxis<[Double]> { PerAxis(x: x.means, y: y.means, z: z.means) }
}

/// The sums of one axis.
private struct Sums {
  private var sums: [Double]
  private var counts: [Int]

  init(_ length: Int) {
    sums = [Double](repeating: 0, count: length)
    counts = [Int](repeating: 0, count: length)
  }

  mutating func add(_ jump: Double, at coordinate: Int) {
    // Ignores jumps from or to NaN and infinity.
    guard jump.isFinite else { return }
    sums[coordinate] += jump
    counts[coordinate] += 1
  }

  mutating func add(_ jump: Jump, at coordinate: Int) {
    sums[coordinate] += jump.sum
    counts[coordinate] += jump.count
  }

  var means: [Double] {
    // A sum of huge numbers can be infinite, which JSON cannot store.
    zip(sums, counts).map { sum, count in
      count == 0 ? 0 : min(sum / Double(count), .greatestFiniteMagnitude)
    }
  }
}

/// A sum of jumps.
private struct Jump {
  var sum = 0.0
  var count = 0

  mutating func add(_ jump: Double) {
    guard jump.isFinite else { return }
    sum += jump
    count += 1
  }
}
