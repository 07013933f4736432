/// The values that the bytes of a picture stand for.
///
/// A byte has only 255 values beside "no number". Where a picture has no more than that, each has its own
/// byte. Else most levels lie where most values are, some at equal steps, and a few over the whole range: a
/// narrow window of a CT still has many grey levels.
struct PictureLevels {
  /// The values, ascending; byte `b` stands for `values[b - 1]`, and byte 0 for no finite number.
  let values: [Double]
  /// The 1st and the 99th percentile; equal where all values are.
  let window: ClosedRange<Double>
  /// Whether every value has a level of its own.
  let isExact: Bool

  /// The levels of a picture.
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
    // A label or a dark scan may be background nearly everywhere.
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

  /// Finite values, enough for percentiles and few enough to be sorted at once: every one of few, wherever they are.
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

  /// Equal steps from one end of a range to the other.
  private static func steps(_ count: Int, over range: ClosedRange<Double>) -> [Double] {
    (0..<count).map { index in
      let fraction = Double(index) / Double(count - 1)
      // Not the difference of the ends, which may be too large for a number.
      return range.lowerBound * (1 - fraction) + range.upperBound * fraction
    }
  }

  /// The different finite values, ascending; `nil` where there are more than so many.
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

  /// The bytes of a picture: the nearest level of each value, the lower one of two equally near.
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
  /// Levels that are known, ascending.
  init(values: [Double], isExact: Bool = false) {
    self.values = values
    self.isExact = isExact
    window = (values.first ?? 0)...(values.last ?? 1)
  }

  /// The levels of a label map: one for each label, or for the most frequent 254 where there are more. The others
  /// become the nearest of these.
  init(labels picture: [Double]) {
    var counts: [Double: Int] = [:]
    for value in picture where value.isFinite { counts[value, default: 0] += 1 }
    let kept = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(254).map(\.key)
    self.init(values: kept.sorted(), isExact: kept.count == counts.count)
  }
}
