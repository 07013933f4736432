import Voxtile

/// Counts how many voxels each label has, as long as values can be labels.
struct LabelCount {
  /// More different values than an atlas has labels.
  static let mostLabels = 4096

  /// The voxels of each value; `nil` once there are too many, or one is no whole number.
  private(set) var voxels: [Double: Int]? = [:]

  /// Counts the values of a box.
  mutating func add(_ values: ArraySlice<Double>) {
    guard var counts = voxels else { return }
    var start = values.startIndex
    while start < values.endIndex {
      let value = values[start]
      var end = start + 1
      // Labels come in runs.
      while end < values.endIndex, values[end] == value { end += 1 }
      guard value.isFinite, value == value.rounded(), counts.count <= Self.mostLabels else {
        voxels = nil
        return
      }
      counts[value, default: 0] += end - start
      start = end
    }
    voxels = counts
  }

  /// Stops counting, as soon as it is known that values are no labels.
  mutating func stop() { voxels = nil }
}
