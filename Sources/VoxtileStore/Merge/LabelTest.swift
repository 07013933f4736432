import Voxtile

/// Whether values look like labels.
///
/// Labels are whole numbers, but a file that stores them with a slope gives back 1.00002, so values near whole numbers are
/// taken for those. And labels come in regions: nearly every voxel that is not background has the value of its neighbor.
/// Background is 0 and the most frequent value, such as the air of a CT. In a scan, noise makes neighbors differ. The test can
/// be wrong either way, but averaging a label map makes labels that nobody drew, so in doubt values count as labels.
package struct LabelTest {
  /// The largest distance from a whole number that a label may have: the error of labels of 20 classes that a file stores
  /// in 8 bits.
  package static let largestLabelError = 0.05
  /// Distances up to this are not reported: the error of labels stored in 16 bits, or in single precision.
  package static let negligibleError = 1e-3
  /// How many pairs of neighbors are enough to decide.
  private static let enoughPairs = 1 << 18

  /// For each value, how many neighbors it has, and how many of those are equal. Values are compared as they are, not
  /// rounded: small numbers such as those of a diffusion map would all be 0.
  private var neighbors: [Double: (pairs: Int, equalPairs: Int)] = [:]
  /// The number of neighbors of values other than 0.
  private(set) var pairs = 0
  /// The largest distance of a value from a whole number.
  package private(set) var largestError = 0.0
  /// The value with that distance.
  private(set) var exampleOfError = 0.0
  /// The lowest and the highest value.
  private(set) var lowest = Double.infinity
  private(set) var highest = -Double.infinity

  /// Creates a test that has seen no values.
  package init() {}

  /// Whether a value was seen that is too far from a whole number to be a label.
  var hasFractions: Bool { largestError > Self.largestLabelError }

  /// Whether enough has been seen to decide.
  package var isDecided: Bool { hasFractions || pairs >= Self.enoughPairs }

  /// Whether the values seen so far look like labels.
  package var looksLikeLabels: Bool { !hasFractions && 2 * equalNeighbors >= 1 }

  /// 255 or 65535, where values are that or 0 and both were seen.
  var onlyMaskValue: Int? {
    guard let mask = [255, 65_535].first(where: { Double($0) == highest }), lowest == 0,
      neighbors.keys.allSatisfy({ $0 == 0 || $0 == highest })
    else { return nil }
    return mask
  }

  /// The share of neighbors that are equal, outside of the background; 1 where there are none.
  var equalNeighbors: Double {
    var rest = neighbors.filter { $0.key != 0 }
    // With one label on a background of 0, that label is all there is to test.
    if rest.count > 1, let air = rest.max(by: { ($0.value.pairs, $0.key) < ($1.value.pairs, $1.key) }) {
      rest[air.key] = nil
    }
    let total = rest.values.reduce((0, 0)) { ($0.0 + $1.pairs, $0.1 + $1.equalPairs) }
    return total.0 == 0 ? 1 : Double(total.1) / Double(total.0)
  }

  /// Looks at the neighbors in a volume: along x, or along the first axis that has several voxels. NaN is passed over.
  package mutating func add(_ volume: Volume<some VoxelScalar>) {
    add(volume) { _ in true }
  }

  /// Looks at the neighbors in some rows of a volume.
  ///
  /// - Parameter isTested: whether a row is looked at, by its number: rows run along the first axis that has several
  ///   voxels, and are counted through slices and channels.
  mutating func add(_ volume: Volume<some VoxelScalar>, rows isTested: (Int) -> Bool) {
    // Where an axis has one voxel, neighbors along the next one lie side by side in memory.
    let length = volume.extent.sizes.all.first { $0 > 1 } ?? 1
    for row in 0..<volume.voxels.count / length where !isDecided && isTested(row) {
      for index in row * length..<(row + 1) * length - 1 {
        add(volume.voxels[index].double, before: volume.voxels[index + 1].double)
      }
      note(volume.voxels[(row + 1) * length - 1].double)
    }
  }

  private mutating func add(_ value: Double, before next: Double) {
    guard !value.isNaN else { return }
    note(value)
    let seen = neighbors[value] ?? (0, 0)
    neighbors[value] = (seen.pairs + 1, seen.equalPairs + (next == value ? 1 : 0))
    if value != 0 { pairs += 1 }
  }

  /// Notes the size of a value, and how far it is from a whole number.
  private mutating func note(_ value: Double) {
    guard !value.isNaN else { return }
    lowest = min(lowest, value)
    highest = max(highest, value)
    let error = value.isInfinite ? .infinity : abs(value - value.rounded())
    if error > largestError { (largestError, exampleOfError) = (error, value) }
  }
}
