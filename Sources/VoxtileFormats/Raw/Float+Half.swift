import Voxtile

extension Float {
  /// The number that 16 bits stand for (IEEE 754 binary16), exactly. `Float16` is not there on every machine.
  init(halfBits bits: UInt16) {
    let sign = UInt32(bits & 0x8000) << 16
    let (exponent, fraction) = (UInt32(bits >> 10) & 31, UInt32(bits & 0x3FF))
    switch exponent {
    case 0:
      // Multiples of 2^-24.
      let magnitude = Float(fraction) * 0x1p-24
      self = sign == 0 ? magnitude : -magnitude
    case 31: self = Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: self = Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}

extension UInt16 {
  /// The bits of the nearest number of IEEE 754 binary16, the even one of two; infinity where it is too large, and NaN for NaN.
  init(halfBitsOf value: Float) {
    let bits = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
    let magnitude = bits & 0x7FFF_FFFF
    switch magnitude {
    case 0x7F80_0001...: self = sign | 0x7E00
    // 65520 is halfway from the largest number to the next.
    case 0x477F_F000...: self = sign | 0x7C00
    case 0x3880_0000...:
      // What is left over of the fraction rounds up where it is more than a half, or a half after an odd bit.
      let rounded = magnitude + 0xFFF + (magnitude >> 13 & 1)
      self = sign | UInt16(truncatingIfNeeded: (rounded >> 13) - (112 << 10))
    default:
      // Below 2^-14, multiples of 2^-24.
      let multiple = (Float(bitPattern: magnitude) * 0x1p24).rounded(.toNearestOrEven)
      self = sign | UInt16(multiple)
    }
  }
}

extension UInt16 {
  /// The bits of values of `float32` as numbers of IEEE 754 binary16, each the nearest one.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where one is finite and too large.
  static func halves(of values: UnsafeRawBufferPointer) throws(VoxtileError) -> [UInt16] {
    let values = values.bindMemory(to: Float.self)
    let halves = values.map { UInt16(halfBitsOf: $0) }
    if let index = halves.indices.first(where: { halves[$0] & 0x7FFF == 0x7C00 && values[$0].isFinite }) {
      throw VoxtileError(
        .invalidOption,
        "would hold \(values[index]), and floating-point numbers of 16 bits go to 65504; store float32",
        context: .init(expected: "at most 65504", found: "\(values[index])"))
    }
    return halves
  }
}
