/// Percentiles of the intensities of a channel of `Double`: exact ones, in bounded memory.
///
/// As ``RankedFloats``, with 16 of the 64 bits of a number in each of four passes: 512 KiB in the first one, and as much for
/// each of at most four ranks that part ways. Passes over bits that are 0 in all voxels, as in scans of `Float`, are left out.
struct RankedDoubles: Sendable {
  /// Where a rank lies, as far as it is known.
  private struct Place: Sendable {
    /// The bits that are known, those above ``RankedDoubles/shift``.
    var prefix: UInt64
    /// The rank among the voxels with these bits.
    var rank: Int
  }

  private static let digitBits = 16
  private static let binCount = 1 << digitBits

  private let percentages: [Double]
  private let selection: RankedFloats.Selection
  /// The lowest of the bits that are counted in this pass.
  private var shift = 48
  /// The bits above those, of the voxels that are counted; ascending.
  private var prefixes: [UInt64] = [0]
  private var counts = [Int](repeating: 0, count: binCount)
  /// Two for each percentage: the voxels that it lies between.
  private var places: [Place] = []
  private var union: UInt64 = 0
  private var count = 0
  private var extremes: (least: Double, largest: Double) = (.infinity, -.infinity)

  /// Whether another pass is to be made.
  private(set) var needsPass = true

  /// Looks for percentages from 0 to 100.
  init(_ percentages: [Double], of selection: RankedFloats.Selection) {
    self.percentages = percentages
    self.selection = selection
  }

  /// Adds voxels in this pass.
  mutating func add(_ values: Span<Double>) {
    guard needsPass else { return }
    let isFirst = shift == 48
    for index in 0..<values.count {
      let value = values[index]
      guard isSelected(value) else { continue }
      let key = Self.key(value)
      if isFirst {
        union |= value.bitPattern
        count += 1
        extremes = (min(extremes.least, value), max(extremes.largest, value))
      }
      let prefix = isFirst ? 0 : key >> UInt64(shift + Self.digitBits)
      for (place, known) in prefixes.enumerated() where known == prefix {
        counts[place * Self.binCount + Int(key >> UInt64(shift) & 0xFFFF)] += 1
      }
    }
  }

  private func isSelected(_ value: Double) -> Bool {
    switch selection {
    case .all: value.isFinite
    case .nonZero: value.isFinite && value != 0
    case .positive: value.isFinite && value > 0
    }
  }

  /// Ends the pass; the whole scan has been added.
  mutating func endPass() {
    guard needsPass else { return }
    if shift == 48 {
      places = percentages.flatMap { percentage in
        let rank = Self.rank(of: percentage, count: count).rank
        return [rank, min(rank + 1, count - 1)].map { Place(prefix: 0, rank: $0) }
      }
    }
    if count > 0 { for index in places.indices { find(&places[index]) } }
    // What is left is 0 in all voxels, or 1 in negative ones, whose bits are inverted.
    let isDone = shift == 0 || union & (1 << UInt64(shift) - 1) == 0
    guard count > 0, !isDone else {
      for index in places.indices { complete(&places[index]) }
      (needsPass, counts) = (false, [])
      return
    }
    prefixes = Set(places.map(\.prefix)).sorted()
    counts = [Int](repeating: 0, count: prefixes.count * Self.binCount)
    shift -= Self.digitBits
  }

  /// Adds the bits that were counted.
  private func find(_ place: inout Place) {
    guard let known = prefixes.firstIndex(of: place.prefix) else { return }
    for digit in 0..<Self.binCount {
      let count = counts[known * Self.binCount + digit]
      if place.rank < count {
        place.prefix = place.prefix << UInt64(Self.digitBits) | UInt64(digit)
        return
      }
      place.rank -= count
    }
    preconditionFailure("a rank is less than the number of voxels")
  }

  private func complete(_ place: inout Place) {
    let isNegative = place.prefix >> UInt64(63 - shift) == 0
    place.prefix = place.prefix << UInt64(shift) | (isNegative ? 1 << UInt64(shift) - 1 : 0)
  }

  /// The lower of the two ranks that a percentile lies between, and how far from it to the next.
  private static func rank(of percentage: Double, count: Int) -> (rank: Int, fraction: Double) {
    let place = Double(max(count - 1, 0)) * (percentage / 100)
    let rank = min(Int(place), max(count - 1, 0))
    return (rank, place - Double(rank))
  }

  /// The bits of a number, ordered like the numbers; those of negative ones are inverted.
  private static func key(_ value: Double) -> UInt64 {
    // The sum turns -0 into 0.
    let bits = (value + 0).bitPattern
    return bits >> 63 == 1 ? ~bits : bits | 1 << 63
  }

  private static func value(_ key: UInt64) -> Double {
    Double(bitPattern: key >> 63 == 1 ? key ^ 1 << 63 : ~key)
  }

  /// Whether the voxels that count all have the same intensity; not where there are none.
  var isConstant: Bool { extremes.least == extremes.largest }

  /// The percentiles, in the order of the percentages; empty where no voxel counts. Interpolated as numpy does.
  func percentiles() -> [Double] {
    guard count > 0 else { return [] }
    return percentages.indices.map { index in
      let fraction = Self.rank(of: percentages[index], count: count).fraction
      let (low, high) = (Self.value(places[2 * index].prefix), Self.value(places[2 * index + 1].prefix))
      let step = high - low
      return fraction < 0.5 ? low + step * fraction : high - step * (1 - fraction)
    }
  }
}
