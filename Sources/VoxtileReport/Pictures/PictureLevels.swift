/// The values that the bytes of a picture stand for.
///
/// Byte 0 stands for NaN and infinity, so 255 levels are left. A picture with at most 255 different values keeps each of
/// them. Otherwise half of the levels are percentiles, most others are equally spaced over the common values, and
/// a few span the full range. So a narrow window of a CT still has many gray levels.
struct PictureLevels {
  /// The levels, ascending: byte `b` stands for `values[b - 1]`.
  private(set) var values: [Double]
  /// The 1st to the 99th percentile; a single value if all values are equal.
  private(set) var window: ClosedRange<Double>
  /// Whether every value of the picture is a level.
  let isExact: Bool

  /// Chooses the levels of a picture.
  init(of picture: [Double]) {
    let sorted = Self.sample(of: picture).sorted()
    var least = Double.infinity
    var largest = -Double.infinity
    for value in picture where value.isFinite {
      least = min(least, value)
      largest = max(largest, value)
    }
    guard let first = sorted.first, let last = sorted.last else {
      values = []
      window = 0...1
      isExact = true
      return
    }
    func percentile(_ fraction: Double) -> Double {
      sorted[Int((fraction * Double(sorted.count - 1)).rounded())]
    }
    // If nearly every voxel is background, both percentiles are equal.
    let low = percentile(0.01)
    let high = percentile(0.99)
    window = low < high ? low...high : first...max(first, last)
    if let few = Self.distinct(picture, limit: 255) {
      values = few
      isExact = true
      return
    }
    isExact = false
    var levels: [Double] = []
    levels += (0..<128).map { percentile(Double($0) / 127) }
    levels += Self.steps(95, over: percentile(0.002)...percentile(0.998))
    levels += Self.steps(32, over: least...largest)
    levels.sort()
    values = levels.reduce(into: []) { kept, level in
      if kept.last != level { kept.append(level) }
    }
  }

  /// A regular sample of the finite values: enough for percentiles, and few enough to sort quickly.
  private static func sample(of picture: [Double]) -> [Double] {
    let step = max(1, picture.count { $0.isFinite } / 200_000)
    var skipped = step
    return picture.filter { value in
      guard value.isFinite else { return false }
      skipped += 1
      guard skipped >= step else { return false }
      skipped = 0
      return true
    }
  }

  /// Equally spaced values from one end of a range to the other.
  private static func steps(_ count: Int, over range: ClosedRange<Double>) -> [Double] {
    (0..<count).map { index in
      let fraction = Double(index) / Double(count - 1)
      // The difference of the ends can overflow, so the ends are interpolated separately.
      return range.lowerBound * (1 - fraction) + range.upperBound * fraction
    }
  }

  /// The distinct finite values, ascending; `nil` if there are more than `limit`.
  private static func distinct(_ picture: [Double], limit: Int) -> [Double]? {
    var seen: Set<Double> = []
    var previous = Double.nan
    for value in picture where value.isFinite && value != previous {
      seen.insert(value)
      previous = value
      if seen.count > limit { return nil }
    }
    return seen.sorted()
  }

  /// Maps each value to the byte of its nearest level; a tie goes to the lower level.
  func bytes(of picture: [Double]) -> [UInt8] {
    let borders = zip(values, values.dropFirst()).map { $0 / 2 + $1 / 2 }
    var previous = (value: Double.nan, byte: UInt8(0))
    return picture.map { value in
      guard value.isFinite else { return 0 }
      if value == previous.value { return previous.byte }
      var low = 0
      var high = borders.count
      while low < high {
        let middle = (low + high) / 2
        if borders[middle] < value { low = middle + 1 } else { high = middle }
      }
      previous = (value, UInt8(low + 1))
      return previous.byte
    }
  }
}

extension PictureLevels {
  /// Takes values between 0 and 1 as probabilities: those that are very likely or unlikely are the same in a picture, which makes it small,
  /// and colors are compared with those of other labels.
  mutating func takeProbabilities() {
    guard let least = values.first, let most = values.last, least >= 0, most <= 1 else { return }
    window = 0...1
    if !isExact { values = (0...100).map { Double($0) / 100 } }
  }
}

extension PictureLevels {
  /// Uses given levels, which must be ascending.
  init(values: [Double], isExact: Bool = false) {
    self.values = values
    self.isExact = isExact
    window = (values.first ?? 0)...(values.last ?? 1)
  }

  /// Uses the labels of a picture as levels. If there are more than 254, only the most frequent 254 are kept; the
  /// others are shown as the nearest of them.
  init(labels picture: [Double]) {
    var counts: [Double: Int] = [:]
    for value in picture where value.isFinite { counts[value, default: 0] += 1 }
    let kept = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(254).map(\.key)
    self.init(values: kept.sorted(), isExact: kept.count == counts.count)
  }
}
