/// A set of voxels, as intervals of their places in memory, from which one is drawn.
struct VoxelIntervals: Sendable {
  private var starts: [Int] = []
  /// For each interval how many voxels the ones before it have.
  private var before: [Int] = []
  /// How many voxels there are.
  private(set) var count = 0

  /// Adds an interval that comes after those that are there.
  mutating func append(_ interval: Range<Int>) {
    guard !interval.isEmpty else { return }
    if let last = starts.last, let counted = before.last, last + count - counted == interval.lowerBound {
      count += interval.count
      return
    }
    starts.append(interval.lowerBound)
    before.append(count)
    count += interval.count
  }

  /// The place of a voxel, counted in the order in which they lie in memory.
  ///
  /// - Precondition: `number` is in `0..<count`.
  /// - Complexity: O(log intervals).
  subscript(number: Int) -> Int {
    precondition((0..<count).contains(number), "there is no voxel \(number) of \(count)")
    var (low, high) = (0, before.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if before[middle] <= number { low = middle } else { high = middle }
    }
    return starts[low] + number - before[low]
  }

  /// All voxels of an image that are not in the set.
  func complement(in voxelCount: Int) -> VoxelIntervals {
    var others = VoxelIntervals()
    var end = 0
    for (index, start) in starts.enumerated() {
      others.append(end..<start)
      end = start + (index + 1 < before.count ? before[index + 1] : count) - before[index]
    }
    others.append(end..<voxelCount)
    return others
  }
}

extension Extent {
  /// The voxel at a place in memory.
  func position(at place: Int) -> Position {
    let (row, x) = place.quotientAndRemainder(dividingBy: max(1, width))
    let (z, y) = row.quotientAndRemainder(dividingBy: max(1, height))
    return Position(x: x, y: y, z: z)
  }

  /// The place in memory of the first voxel of a row.
  func place(ofRow row: Int) -> Int { row * width }
}
