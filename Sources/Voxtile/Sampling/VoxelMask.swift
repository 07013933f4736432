/// Which voxels of an image are of a kind, such as those of tissue: one bit a voxel.
struct VoxelMask: Sendable {
  private let extent: Extent
  private let wordsPerRow: Int
  private var words: [UInt64] = []
  private var sums: BrickSums

  /// Creates a mask that has no rows yet.
  init(extent: Extent) {
    self.extent = extent
    wordsPerRow = (extent.width + 63) / 64
    sums = BrickSums(extent: extent)
    words.reserveCapacity(wordsPerRow * extent.height * extent.depth)
  }

  /// Adds the next rows: voxels whose value is above a threshold.
  ///
  /// - Parameters:
  ///   - slab: whole rows of the image; one channel of it counts.
  ///   - channel: that channel.
  mutating func add<Scalar>(_ slab: Volume<Scalar>, channel: Int, above threshold: Double) {
    let rows = slab.extent.height * slab.extent.depth
    let first = channel * rows
    for row in first..<first + rows {
      appendBits(
        of: slab.voxels.span.extracting(row * extent.width..<(row + 1) * extent.width), above: threshold,
        to: &words)
      addLastRowToSums()
    }
  }

  /// Adds up the counts, after the last row.
  mutating func finish() { sums.finish() }

  /// The number of such voxels in a box, of which the part inside the image counts.
  ///
  /// - Complexity: O(rows of the box · width / 64).
  func count(in box: Region) -> Int {
    let box = box.intersection(Region(extent))
    guard !box.x.isEmpty else { return 0 }
    let (first, last) = (box.x.lowerBound / 64, (box.x.upperBound - 1) / 64)
    let head = UInt64.max << UInt64(box.x.lowerBound % 64)
    let tail = UInt64.max >> UInt64(63 - (box.x.upperBound - 1) % 64)
    var count = 0
    for z in box.z {
      for y in box.y {
        let row = (z * extent.height + y) * wordsPerRow
        for word in first...last {
          let kept = (word == first ? head : .max) & (word == last ? tail : .max)
          count += (words[row + word] & kept).nonzeroBitCount
        }
      }
    }
    return count
  }

  /// Whether a box has at least so many such voxels. Mostly its bricks tell.
  func hasAtLeast(_ least: Int, in box: Region) -> Bool {
    let bounds = sums.bounds(in: box)
    if bounds.lowerBound >= least { return true }
    return bounds.upperBound >= least && count(in: box) >= least
  }

  private mutating func addLastRowToSums() {
    let start = words.count - wordsPerRow
    let (z, y) = (start / max(1, wordsPerRow)).quotientAndRemainder(dividingBy: max(1, extent.height))
    for word in 0..<wordsPerRow where words[start + word] != 0 {
      var bits = words[start + word]
      var x = 64 * word
      while bits != 0 {
        let skipped = bits.trailingZeroBitCount
        bits >>= UInt64(skipped)
        let count = (~bits).trailingZeroBitCount
        sums.add(x + skipped..<x + skipped + count, y: y, z: z)
        bits = count == 64 ? 0 : bits >> UInt64(count)
        x += skipped + count
      }
    }
  }
}

/// Appends a row as bits: 1 where a value is above a threshold; NaN is not.
@specialized(where Scalar == UInt8)
@specialized(where Scalar == Int8)
@specialized(where Scalar == UInt16)
@specialized(where Scalar == Int16)
@specialized(where Scalar == UInt32)
@specialized(where Scalar == Int32)
@specialized(where Scalar == UInt64)
@specialized(where Scalar == Int64)
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
@inline(never)
private func appendBits<Scalar: VoxelScalar>(
  of row: Span<Scalar>, above threshold: Double, to words: inout [UInt64]
) {
  var start = 0
  while start < row.count {
    let count = min(64, row.count - start)
    var bits: UInt64 = 0
    for bit in 0..<count where row[start + bit].double > threshold { bits |= 1 << UInt64(bit) }
    words.append(bits)
    start += 64
  }
}
