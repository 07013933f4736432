/// The middle of many numbers and their usual spread, which a few far-away numbers do not move.
struct RobustScale: Sendable {
  /// The fewest numbers that are compared; among fewer, chance makes any of them look unusual.
  static let fewestValues = 5

  /// The number in the middle.
  let median: Double
  /// 1.4826 times the median distance from the median, which is the standard deviation of numbers that are normally distributed; at
  /// least what the caller says.
  let spread: Double

  /// Measures numbers.
  ///
  /// - Parameters:
  ///   - values: finite numbers.
  ///   - leastShare: the least spread, as a share of the median.
  ///   - least: the least spread.
  /// - Returns: `nil` where there are too few, or no spread, since more than half of them are 0.
  /// - Complexity: O(n log n).
  init?(of values: [Double], leastShare: Double = 0, least: Double = 0) {
    guard values.count >= Self.fewestValues else { return nil }
    median = Self.median(of: values)
    let middle = median
    spread = max(
      1.4826 * Self.median(of: values.map { ($0 - middle).magnitude }), leastShare * middle.magnitude, least)
    guard spread > 0, spread.isFinite else { return nil }
  }

  /// How many times the usual spread a number lies above the median; below it, less than 0.
  func distance(of value: Double) -> Double { (value - median) / spread }

  /// The median of at least one number; of an even count, the mean of the two in the middle.
  static func median(of values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? sorted[middle - 1] / 2 + sorted[middle] / 2 : sorted[middle]
  }
}
