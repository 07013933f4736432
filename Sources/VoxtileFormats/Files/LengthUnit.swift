/// The units of length that headers name, in words or in short.
enum LengthUnit {
  /// Millimeters in one unit, or `nil` for one that is no length, such as a pixel, or is not known.
  ///
  /// - Parameter name: such as `micrometer`, `microns`, `µm` or `um`.
  static func millimeters(_ name: String) -> Double? {
    // The micro sign (U+00B5) and the Greek letter are both written; where text was Latin-1, U+FFFD is left.
    let plain = String(name.map { "\u{B5}\u{3BC}\u{FFFD}".contains($0) ? "u" : $0 })
    if let short = shortNames[plain] { return short }
    var word = plain.lowercased()
    if let short = shortNames[word] { return short }
    if word.count > 4, word.hasSuffix("s") { word.removeLast() }
    if let other = words[word] { return other }
    for suffix in ["meter", "metre"] where word.hasSuffix(suffix) {
      let prefix = String(word.dropLast(suffix.count))
      return prefix.isEmpty ? 1e3 : prefixes[prefix]
    }
    return nil
  }

  /// The prefixes of the meter, in millimeters.
  private static let prefixes: [String: Double] = [
    "yocto": 1e-21, "zepto": 1e-18, "atto": 1e-15, "femto": 1e-12, "pico": 1e-9, "nano": 1e-6,
    "micro": 1e-3, "milli": 1, "centi": 10, "deci": 100, "deca": 1e4, "hecto": 1e5, "kilo": 1e6, "mega": 1e9,
    "giga": 1e12, "tera": 1e15, "peta": 1e18, "exa": 1e21, "zetta": 1e24, "yotta": 1e27,
  ]

  private static let words: [String: Double] = [
    "angstrom": 1e-7, "micron": 1e-3, "inch": 25.4, "foot": 304.8, "yard": 914.4, "mile": 1_609_344,
  ]

  /// The letter of the angstrom equals its other spelling, A with a ring.
  private static let shortNames: [String: Double] = [
    "m": 1e3, "cm": 10, "mm": 1, "um": 1e-3, "nm": 1e-6, "pm": 1e-9, "in": 25.4, "\u{C5}": 1e-7,
    "\\u00B5m": 1e-3,
  ]
}
