import Testing
import VoxtileTestSupport

@testable import VoxtileInference

@Suite("Intensity: wide integers")
struct WideIntegerTests {
  @Test("products and differences are those of smaller integers")
  func arithmetic() {
    var random = SplitMix64(seed: 1)
    for _ in 0..<200 {
      let (a, b) = (random.next() >> (random.next() % 64), random.next() >> (random.next() % 64))
      let product = WideInteger(UInt128(a)) * WideInteger(UInt128(b))
      #expect(product == WideInteger(UInt128(a) * UInt128(b)))
      #expect(
        WideInteger(UInt128(max(a, b))) - WideInteger(UInt128(min(a, b)))
          == WideInteger(UInt128(max(a, b) - min(a, b))))
      #expect((WideInteger(UInt128(a)) < WideInteger(UInt128(b))) == (a < b))
    }
  }

  @Test("what was added at any place is taken away again")
  func shifts() {
    for shift in 0...600 {
      var wide = WideInteger(UInt128.max)
      wide.add(UInt128.max, shiftedLeft: shift)
      var only = WideInteger()
      only.add(UInt128.max, shiftedLeft: shift)
      #expect(wide - only == WideInteger(UInt128.max))
      #expect(only.double == 0x1p128 * Double(sign: .plus, exponent: shift, significand: 1))
    }
  }

  @Test("a carry runs through all limbs, and a borrow back")
  func carry() {
    var ones = WideInteger()
    for shift in stride(from: 0, to: 640, by: 128) { ones.add(UInt128.max, shiftedLeft: shift) }
    var next = ones
    next.add(1, shiftedLeft: 0)
    #expect(next.double == 0x1p640)
    #expect(next - WideInteger(1) == ones)
  }

  @Test("the nearest Double is found, ties to even, whatever lies far below")
  func rounding() {
    for shift in [0, 1, 31, 32, 63, 64, 65, 200, 500] {
      let unit = Double(sign: .plus, exponent: shift, significand: 1)
      for (value, expected) in [
        (1 << 53, 0x1p53), (1 << 53 + 1, 0x1p53), (1 << 53 + 3, 0x1p53 + 4), (1 << 60, 0x1p60), (3, 3),
        (0, 0),
      ] as [(UInt128, Double)] {
        var wide = WideInteger()
        wide.add(value, shiftedLeft: shift)
        #expect(wide.double == expected * unit, "\(value) << \(shift)")
      }
      guard shift > 0 else { continue }
      var tie = WideInteger(1)
      tie.add(1 << 53 + 1, shiftedLeft: shift)
      #expect(tie.double == (0x1p53 + 2) * unit, "above a tie << \(shift)")
    }
  }
}
