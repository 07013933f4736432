/// Conversion of binary16 numbers of IEEE 754, which not every platform has as a type of Swift.
///
/// Without branches, so that loops over them vectorize.
enum HalfFloat {
  /// The value of a number given by its bits; exact, and the sign and infinity or NaN are kept.
  static func value(_ bits: UInt16) -> Float {
    let magnitude = UInt32(bits & 0x7FFF)
    // The exponent becomes the one of binary32 by a product that also makes subnormal numbers normal.
    let scaled = Float(bitPattern: magnitude << 13) * Float(sign: .plus, exponent: 112, significand: 1)
    let infinite: UInt32 = magnitude >= 0x7C00 ? 0x7F80_0000 : 0
    return Float(bitPattern: scaled.bitPattern | infinite | UInt32(bits & 0x8000) << 16)
  }

  /// The bits of the nearest number, ties to even; what is too large becomes infinite.
  static func bits(_ value: Float) -> UInt16 {
    let pattern = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: pattern >> 16) & 0x8000
    let magnitude = pattern & 0x7FFF_FFFF
    // 65520 and above round to infinity; a NaN stays one.
    let special: UInt32 = magnitude > 0x7F80_0000 ? 0x7E00 : 0x7C00
    // Adding 0.5 leaves the bits of a subnormal number at the end, rounded by the addition itself.
    let subnormal = (Float(bitPattern: magnitude) + 0.5).bitPattern &- 0x3F00_0000
    // Half of the last bit that stays, less one where that bit is 0: ties go to even.
    let rounded = magnitude &+ 0xFFF &+ (magnitude >> 13 & 1)
    let normal = (rounded &- (112 << 23)) >> 13
    let result = magnitude >= 0x477F_F000 ? special : magnitude < 0x3880_0000 ? subnormal : normal
    return sign | UInt16(truncatingIfNeeded: result)
  }
}
