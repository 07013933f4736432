import Voxtile

/// Counts the voxels of each label and finds where it lies, until a value shows that the image is not a label map.
struct LabelCount {
  /// What is known of one label.
  struct Tally {
    /// The number of its voxels.
    private(set) var voxels = 0
    /// The sum of their coordinates.
    private var sums = PerAxis(x: 0, y: 0, z: 0)
    /// The length of the longest run along x, and the voxel in its middle.
    private var longest = 0
    private(set) var place = [0, 0, 0]

    /// The mean of the coordinates, which need not lie in the label.
    var middle: PerAxis<Double> { sums.map { _, sum in Double(sum) / Double(voxels) } }

    /// Adds a run along x.
    fileprivate mutating func add(_ run: Range<Int>, y: Int, z: Int) {
      voxels += run.count
      sums.x += run.count * (run.lowerBound + run.upperBound - 1) / 2
      sums.y += run.count * y
      sums.z += run.count * z
      guard run.count > longest else { return }
      longest = run.count
      place = [(run.lowerBound + run.upperBound - 1) / 2, y, z]
    }
  }

  /// The maximum number of labels; no common atlas has more.
  static let maxLabels = 4096

  /// What is known of each value; `nil` if there are too many values, or if one is not an integer.
  private(set) var tallies: [Double: Tally]? = [:]

  /// Counts the values of a box, in memory order.
  mutating func add(_ values: ArraySlice<Double>, at region: Region) {
    guard var tallies else { return }
    // Not changed while there are two copies of it.
    self.tallies = nil
    var start = values.startIndex
    for z in region.z {
      for y in region.y {
        let end = start + region.extent.width
        guard Self.add(values[start..<end], in: region.x, y: y, z: z, to: &tallies) else { return }
        start = end
      }
    }
    self.tallies = tallies
  }

  /// Counts a row; `false` if it shows that these are no labels.
  private static func add(
    _ row: ArraySlice<Double>, in range: Range<Int>, y: Int, z: Int, to tallies: inout [Double: Tally]
  ) -> Bool {
    var start = row.startIndex
    while start < row.endIndex {
      let value = row[start]
      var end = start + 1
      // Equal labels come in runs, so the dictionary is updated once for each run.
      while end < row.endIndex, row[end] == value { end += 1 }
      guard value.isFinite, value == value.rounded(), tallies.count <= maxLabels else { return false }
      let first = range.lowerBound + start - row.startIndex
      tallies[value, default: Tally()].add(first..<first + end - start, y: y, z: z)
      start = end
    }
    return true
  }

  /// Stops counting, because the values are known not to be labels.
  mutating func stop() { tallies = nil }
}
