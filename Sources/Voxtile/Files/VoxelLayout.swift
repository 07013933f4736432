/// Which bytes of a file hold the voxels of a box: runs of equal length at regular distances.
///
/// Rows that follow each other without a gap make one run: a box of full width has one run a slice, whole
/// slices one run a plane, and a whole image one run.
package struct VoxelLayout: Sendable {
  /// The size of the image.
  package var extent: Extent
  /// How many images of that size follow each other.
  package var planes: Int
  /// Bytes of one voxel.
  package var voxelByteCount: Int
  /// Where the first voxel lies.
  package var offset: Int

  /// Creates a layout.
  package init(extent: Extent, planes: Int, voxelByteCount: Int, offset: Int) {
    self.extent = extent
    self.planes = planes
    self.voxelByteCount = voxelByteCount
    self.offset = offset
  }

  /// The bytes of a box in all planes, in ascending order, which is also the order of the voxels in memory.
  ///
  /// - Precondition: the box lies inside the image.
  package func runs(of region: Region) -> FileRuns {
    precondition(region.isInside(extent), "\(region) does not lie in an image of \(extent)")
    let row = extent.width * voxelByteCount
    let slice = row * extent.height
    let plane = slice * extent.depth
    let start =
      offset + region.origin.z * slice + region.origin.y * row + region.origin.x * voxelByteCount
    var runs = FileRuns(offset: start, byteCount: region.extent.width * voxelByteCount)
    runs.iterate(region.extent.height, every: row)
    runs.iterate(region.extent.depth, every: slice)
    runs.iterate(planes, every: plane)
    return runs
  }
}

/// Ranges of bytes in a file, all of the same length, in ascending order.
package struct FileRuns: RandomAccessCollection, Sendable {
  /// Where the first range starts.
  package let offset: Int
  /// The length of each range.
  package private(set) var runByteCount: Int
  /// How often what is inside repeats and at which distance, innermost first.
  private var loops: [(count: Int, stride: Int)] = []

  package init(offset: Int, byteCount: Int) {
    self.offset = offset
    runByteCount = byteCount
  }

  /// Repeats all ranges at a distance; ranges that touch become one.
  package mutating func iterate(_ count: Int, every stride: Int) {
    if loops.isEmpty && (stride == runByteCount || count <= 1) {
      runByteCount *= count
    } else if count != 1 {
      loops.append((count, stride))
    }
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { runByteCount == 0 ? 0 : loops.reduce(1) { $0 * $1.count } }

  package subscript(index: Int) -> Range<Int> {
    var start = offset
    var rest = index
    for loop in loops {
      start += rest % loop.count * loop.stride
      rest /= loop.count
    }
    return start..<start + runByteCount
  }
}
