import Testing

@testable import VoxtileInference

@Suite("HalfFloat")
struct HalfFloatTests {
  /// The value of a number from the definition of binary16.
  private func definition(_ bits: UInt16) -> Float {
    let (exponent, fraction) = (Int(bits >> 10 & 31), Float(bits & 1023))
    let magnitude: Float =
      switch exponent {
      case 0: Float(sign: .plus, exponent: -24, significand: fraction)
      case 31: fraction == 0 ? .infinity : .nan
      default: Float(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
      }
    return bits >> 15 == 0 ? magnitude : -magnitude
  }

  @Test("every number has the value that the definition gives it, and comes back")
  func everyNumber() {
    var wrong: [UInt16] = []
    for bits in UInt16.min...UInt16.max {
      let (value, expected) = (HalfFloat.value(bits), definition(bits))
      let isRight =
        expected.isNaN
        ? value.isNaN && HalfFloat.value(HalfFloat.bits(value)).isNaN
        : value.bitPattern == expected.bitPattern && HalfFloat.bits(value) == bits
      if !isRight { wrong.append(bits) }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(10))")
  }

  @Test("what lies between two numbers becomes the nearer, and a tie the even one")
  func rounding() {
    var wrong: [UInt16] = []
    for bits in UInt16(0)..<0x7BFF {
      let (low, high) = (HalfFloat.value(bits), HalfFloat.value(bits + 1))
      let middle = (low + high) / 2
      let even = bits % 2 == 0 ? bits : bits + 1
      let isRight =
        HalfFloat.bits(middle) == even && HalfFloat.bits(middle.nextDown) == bits
        && HalfFloat.bits(middle.nextUp) == bits + 1 && HalfFloat.bits(-middle) == even | 0x8000
      if !isRight { wrong.append(bits) }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(10))")
  }

  @Test("what is too large becomes infinite")
  func overflow() {
    #expect(HalfFloat.bits(65519.996) == 0x7BFF)
    #expect(HalfFloat.bits(65520) == 0x7C00)
    #expect(HalfFloat.bits(-.greatestFiniteMagnitude) == 0xFC00)
    #expect(HalfFloat.bits(.infinity) == 0x7C00)
    #expect(HalfFloat.bits(.leastNonzeroMagnitude) == 0)
  }
}
