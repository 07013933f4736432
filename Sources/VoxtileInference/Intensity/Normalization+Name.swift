extension Normalization: LosslessStringConvertible {
  /// A name of each kind, for help and messages.
  public static let examples = [
    "none", "zscore", "zscore:nonzero", "minmax", "percentiles:0.5,99.5", "percentiles:0.5,99.5:nonzero",
    "window:-160,240", "maximum", "peak:99,1.3",
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
    if parts.last == "nonzero" && (name == "zscore" || name == "percentiles") {
      voxels = .nonZero
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
      return self.numbers(numbers ?? "0.5,99.5").map { .percentiles(low: $0, high: $1, of: voxels) }
    case ("window", let numbers?):
      return self.numbers(numbers).map { .window(low: $0, high: $1) }
    case ("peak", _):
      return self.numbers(numbers ?? "99,1.3").map { .peak(percentile: $0, limit: $1) }
    default: return nil
    }
  }

  /// Two finite numbers with a comma between them.
  private static func numbers(_ text: Substring) -> (Double, Double)? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 2, let first = Double(parts[0]), let second = Double(parts[1]),
      first.isFinite, second.isFinite
    else { return nil }
    return (first, second)
  }

  private static func suffix(_ voxels: Voxels) -> String {
    voxels == .nonZero ? ":nonzero" : ""
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
