extension Normalization: LosslessStringConvertible {
  /// A name of each kind, for help and messages.
  public static let examples = [
    "none", "zscore", "zscore:nonzero", "zscore:box", "minmax", "percentiles:0.5,99.5",
    "percentiles:0.5,99.5:nonzero", "percentiles:0.5,99.5:box", "window:-160,240", "ct:-991,362,-1,214.5",
    "maximum",
    "peak:99,1.3",
  ]

  /// The name on the command line: `zscore:nonzero`, `percentiles:0.5,99.5`, `window:-160,240`.
  public var description: String {
    switch self {
    case .none: "none"
    case .zScore(let voxels): "zscore" + Self.suffix(voxels)
    case .minMax: "minmax"
    case .percentiles(let low, let high, let voxels):
      "percentiles:" + Self.pair(low, high) + Self.suffix(voxels)
    case .window(let low, let high): "window:" + Self.pair(low, high)
    case .ct(let low, let high, let mean, let deviation):
      "ct:" + Self.pair(low, high) + "," + Self.pair(mean, deviation)
    case .maximum: "maximum"
    case .peak(let percentile, let limit): "peak:" + Self.pair(percentile, limit)
    }
  }

  /// The normalization of that name, or `nil` where there is none or its numbers are outside their ranges.
  ///
  /// `percentiles` alone is `percentiles:0.5,99.5`, and `peak` alone is `peak:99,1.3`.
  public init?(_ description: String) {
    var parts = description.split(separator: ":", omittingEmptySubsequences: false)
    let name = parts.removeFirst()
    var voxels = Voxels.all
    if name == "zscore" || name == "percentiles",
      let chosen = Self.suffixes.first(where: { parts.last.map(String.init) == $0.name })
    {
      voxels = chosen.voxels
      parts.removeLast()
    }
    guard parts.count <= 1, let normalization = Self.named(name, parts.first, of: voxels),
      normalization.isValid
    else { return nil }
    self = normalization
  }

  private static func named(_ name: Substring, _ numbers: Substring?, of voxels: Voxels) -> Normalization? {
    switch (name, numbers) {
    case ("none", nil): return Normalization.none
    case ("zscore", nil): return .zScore(of: voxels)
    case ("minmax", nil): return .minMax
    case ("maximum", nil): return .maximum
    case ("percentiles", _):
      return self.numbers(numbers ?? "0.5,99.5", 2).map { .percentiles(low: $0[0], high: $0[1], of: voxels) }
    case ("window", let numbers?):
      return self.numbers(numbers, 2).map { .window(low: $0[0], high: $0[1]) }
    case ("ct", let numbers?):
      return self.numbers(numbers, 4).map { .ct(low: $0[0], high: $0[1], mean: $0[2], deviation: $0[3]) }
    case ("peak", _):
      return self.numbers(numbers ?? "99,1.3", 2).map { .peak(percentile: $0[0], limit: $0[1]) }
    default: return nil
    }
  }

  /// So many finite numbers with commas between them.
  private static func numbers(_ text: Substring, _ count: Int) -> [Double]? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Double($0) }.filter(\.isFinite)
    return parts.count == count && numbers.count == count ? numbers : nil
  }

  /// What follows a name to choose the voxels whose intensities are looked at.
  private static let suffixes: [(name: String, voxels: Voxels)] = [("nonzero", .nonZero), ("box", .box)]

  private static func suffix(_ voxels: Voxels) -> String {
    suffixes.first { $0.voxels == voxels }.map { ":" + $0.name } ?? ""
  }

  private static func pair(_ first: Double, _ second: Double) -> String {
    number(first) + "," + number(second)
  }

  /// The shortest text that is read back as the same number.
  private static func number(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
