import Voxtile

/// Whether values look like labels.
///
/// Labels come in regions: nearly every voxel that is not background has the value of its neighbor. Background is
/// 0 and the most frequent value, such as the air of a CT. In a scan, noise makes neighbors differ. The test can be wrong
/// either way, but averaging a label map makes labels that nobody drew, so in doubt values count as labels.
package struct LabelTest {
  /// For each value, how many neighbors along x it has, and how many of those are equal.
  private var neighbors: [Double: (pairs: Int, equalPairs: Int)] = [:]
  private var pairs = 0
  /// Whether a value was seen that is not a whole number, and so not a label.
  private var hasFractions = false

  /// Creates a test that has seen no values.
  package init() {}

  /// Whether enough has been seen to decide.
  package var isDecided: Bool { hasFractions || pairs >= 1 << 18 }

  /// Whether the values seen so far look like labels.
  package var looksLikeLabels: Bool {
    if hasFractions { return false }
    var rest = neighbors.filter { $0.key != 0 }
    // With one label on a background of 0, that label is all there is to test.
    if rest.count > 1, let air = rest.max(by: { ($0.value.pairs, $0.key) < ($1.value.pairs, $1.key) }) {
      rest[air.key] = nil
    }
    let total = rest.values.reduce((0, 0)) { ($0.0 + $1.pairs, $0.1 + $1.equalPairs) }
    return 2 * total.1 >= total.0
  }

  /// Looks at the neighbors along x in a volume.
  package mutating func add(_ volume: Volume<some VoxelScalar>) {
    let width = volume.extent.width
    for start in stride(from: 0, to: volume.voxels.count, by: width) where !isDecided {
      for index in start..<start + width - 1 {
        let value = volume.voxels[index].double
        if value != value.rounded(.towardZero) { hasFractions = true }
        let isEqual = volume.voxels[index + 1].double == value
        let seen = neighbors[value] ?? (0, 0)
        neighbors[value] = (seen.pairs + 1, seen.equalPairs + (isEqual ? 1 : 0))
        if value != 0 { pairs += 1 }
      }
    }
  }
}
