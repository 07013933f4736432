import Voxtile

/// Counts the voxels of each label, until a value shows that the image is not a label map.
struct LabelCount {
  /// The maximum number of labels; no common atlas has more.
  static let maxLabels = 4096

  /// The number of voxels of each value; `nil` if there are too many values, or if one is not an integer.
  private(set) var voxels: [Double: Int]? = [:]

  /// Counts the values of a box.
  mutating func add(_ values: ArraySlice<Double>) {
    guard var counts = voxels else { return }
    var start = values.startIndex
    while start < values.endIndex {
      let value = values[start]
      var end = start + 1
      // Equal labels come in runs, so the dictionary is updated once for each run.
      while end < values.endIndex, values[end] == value { end += 1 }
      guard value.isFinite, value == value.rounded(), counts.count <= Self.maxLabels else {
        voxels = nil
        return
      }
      counts[value, default: 0] += end - start
      start = end
    }
    voxels = counts
  }

  /// Stops counting, because the values are known not to be labels.
  mutating func stop() { voxels = nil }
}
