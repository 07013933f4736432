/// The units of length of OME-Zarr, with the names of UDUNITS-2.
enum LengthUnit {
  /// How many millimeters a unit has, or `nil` for one that is not known.
  static func millimeters(_ name: String) -> Double? {
    if let other = others[name] { return other }
    for suffix in ["meter", "metre"] where name.hasSuffix(suffix) {
      let prefix = String(name.dropLast(suffix.count))
      if prefix.isEmpty { return 1e3 }
      return prefixes[prefix]
    }
    return nil
  }

  /// The prefixes of the meter, in millimeters.
  private static let prefixes: [String: Double] = [
    "yocto": 1e-21, "zepto": 1e-18, "atto": 1e-15, "femto": 1e-12, "pico": 1e-9, "nano": 1e-6,
    "micro": 1e-3, "milli": 1, "centi": 10, "deci": 100, "deca": 1e4, "hecto": 1e5, "kilo": 1e6, "mega": 1e9,
    "giga": 1e12, "tera": 1e15, "peta": 1e18, "exa": 1e21, "zetta": 1e24, "yotta": 1e27,
  ]

  /// Units that are no meters, and short names that some programs write.
  private static let others: [String: Double] = [
    "angstrom": 1e-7, "inch": 25.4, "foot": 304.8, "yard": 914.4, "mile": 1_609_344, "nm": 1e-6, "um": 1e-3,
    "\u{B5}m": 1e-3, "\u{3BC}m": 1e-3, "micron": 1e-3, "mm": 1, "cm": 10, "m": 1e3,
  ]
}
