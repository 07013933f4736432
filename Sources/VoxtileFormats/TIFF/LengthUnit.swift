/// The units of length that ImageJ and OME name.
enum LengthUnit {
  /// Millimeters in one unit, or `nil` for one that is no length, such as a pixel, or is not known.
  static func millimeters(_ name: String) -> Double? {
    // OME spells the micro sign (U+00B5), others the Greek letter; where it was Latin-1, U+FFFD is left.
    let plain = String(name.map { "\u{B5}\u{3BC}\u{FFFD}".contains($0) ? "u" : $0 })
    switch plain {
    case "m", "meter", "metre": return 1000
    case "cm", "centimeter": return 10
    case "mm", "millimeter": return 1
    case "um", "micron", "microns", "micrometer", "\\u00B5m": return 1e-3
    case "nm", "nanometer": return 1e-6
    case "pm", "picometer": return 1e-9
    case "\u{C5}", "A\u{30A}": return 1e-7
    case "in", "inch": return 25.4
    default: return nil
    }
  }
}
