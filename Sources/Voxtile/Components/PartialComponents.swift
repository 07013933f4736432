/// Components that may still grow and meet: sets of numbers that are joined, with what is known of each set.
///
/// A set is named by its lowest number, its root.
struct PartialComponents: Sendable {
  /// What is known of a component so far.
  struct Part: Sendable {
    var value: Int
    var voxelCount: Int
    /// The first voxel, counted in the order in which voxels lie in memory.
    var first: Int
    var lowest: Position
    /// The last voxel of the box, not the one after it.
    var highest: Position

    /// A run of voxels.
    init(_ run: LabelRun, y: Int, z: Int, extent: Extent) {
      value = run.value
      voxelCount = run.x.count
      first = (z * extent.height + y) * extent.width + run.x.lowerBound
      lowest = Position(x: run.x.lowerBound, y: y, z: z)
      highest = Position(x: run.x.upperBound - 1, y: y, z: z)
    }

    mutating func add(_ other: Part) {
      voxelCount += other.voxelCount
      if other.first < first { (first, value) = (other.first, other.value) }
      for axis in Axis.allCases {
        lowest[axis] = min(lowest[axis], other.lowest[axis])
        highest[axis] = max(highest[axis], other.highest[axis])
      }
    }
  }

  private var sets = DisjointSets()
  private(set) var parts: [Part] = []

  /// How many numbers there are.
  var count: Int { parts.count }

  /// Makes a set of its own from a part.
  ///
  /// - Throws: ``VoxtileError/Code-swift.struct/unsupportedFormat`` where there are 2^32 already.
  mutating func insert(_ part: Part) throws(VoxtileError) -> UInt32 {
    guard let number = sets.insert() else {
      throw VoxtileError(
        .unsupportedFormat, "the labels make more than \(UInt32.max) runs; give a label map that is not noise"
      )
    }
    parts.append(part)
    return number
  }

  /// Adds to what is known of a set.
  mutating func add(_ part: Part, to number: UInt32) { parts[Int(root(of: number))].add(part) }

  /// Makes one set of two.
  mutating func join(_ a: UInt32, _ b: UInt32) {
    guard let (kept, gone) = sets.join(a, b) else { return }
    parts[Int(kept)].add(parts[Int(gone)])
  }

  /// The root of a number's set.
  ///
  /// - Complexity: nearly O(1) on average.
  mutating func root(of number: UInt32) -> UInt32 { sets.root(of: number) }

  /// Whether a number names its set.
  func isRoot(_ number: Int) -> Bool { sets.isRoot(number) }
}
