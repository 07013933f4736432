import Testing

@testable import VoxtileFormats

@Suite("Units of length")
struct LengthUnitTests {
  @Test(
    "names in words and in short are lengths in mm",
    arguments: [
      ("mm", 1), ("millimeter", 1), ("Millimeters", 1), ("\u{B5}m", 1e-3), ("\u{3BC}m", 1e-3), ("UM", 1e-3),
      ("micron", 1e-3), ("microns", 1e-3), ("micrometre", 1e-3), ("nanometer", 1e-6), ("m", 1e3),
      ("meters", 1e3),
      ("cm", 10), ("inch", 25.4), ("\u{C5}", 1e-7), ("A\u{30A}", 1e-7), ("angstrom", 1e-7),
      ("kilometer", 1e6),
    ] as [(String, Double)])
  func known(name: String, millimeters: Double) { #expect(LengthUnit.millimeters(name) == millimeters) }

  @Test("other words are no lengths", arguments: ["", "pixel", "s", "meterx", "xmeter", "seconds"])
  func unknown(name: String) { #expect(LengthUnit.millimeters(name) == nil) }
}
