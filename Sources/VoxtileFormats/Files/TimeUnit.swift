/// The units of time that headers name, in words or in short.
enum TimeUnit {
  /// Seconds in one unit, or `nil` for one that is not known.
  ///
  /// - Parameter name: such as `second`, `milliseconds` or `ms`.
  static func seconds(_ name: String) -> Double? {
    var word = name.lowercased()
    if let short = shortNames[word] { return short }
    if word.count > 4, word.hasSuffix("s") { word.removeLast() }
    return words[word]
  }

  private static let shortNames: [String: Double] = [
    "s": 1, "sec": 1, "ms": 1e-3, "msec": 1e-3, "us": 1e-6, "\u{B5}s": 1e-6, "\u{3BC}s": 1e-6, "ns": 1e-9,
    "min": 60, "h": 3600,
  ]

  private static let words: [String: Double] = [
    "second": 1, "millisecond": 1e-3, "microsecond": 1e-6, "nanosecond": 1e-9, "minute": 60, "hour": 3600,
    "day": 86_400,
  ]
}
