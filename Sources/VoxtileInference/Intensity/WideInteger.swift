/// An integer without a sign, of 768 bits unless asked otherwise; as much as sums of squares of `Float` need to be exact.
///
/// For a few operations at the end of a pass, not for loops over voxels.
struct WideInteger: Hashable, Sendable {
  /// The words, the least significant first.
  private var limbs: [UInt32]

  /// Zero, with room for so many bits, a multiple of 32.
  init(bitCount: Int = 768) { limbs = [UInt32](repeating: 0, count: bitCount / 32) }

  /// A small number.
  init(_ value: UInt128) {
    self.init()
    add(value, shiftedLeft: 0)
  }

  /// Adds `value * 2^shift`.
  mutating func add(_ value: UInt128, shiftedLeft shift: Int) {
    for piece in 0..<4 {
      let bits = UInt64(truncatingIfNeeded: value >> (32 * UInt128(piece))) & 0xFFFF_FFFF
      add(bits << UInt64(shift % 32), atLimb: shift / 32 + piece)
    }
  }

  private mutating func add(_ value: UInt64, atLimb first: Int) {
    var (carry, limb) = (value, first)
    while carry != 0 {
      let sum = UInt64(limbs[limb]) + carry & 0xFFFF_FFFF
      limbs[limb] = UInt32(truncatingIfNeeded: sum)
      carry = carry >> 32 + sum >> 32
      limb += 1
    }
  }

  /// The product, which must fit.
  static func * (left: WideInteger, right: WideInteger) -> WideInteger {
    var product = WideInteger()
    for (i, a) in left.limbs.enumerated() where a != 0 {
      for (j, b) in right.limbs.enumerated() { product.add(UInt64(a) * UInt64(b), atLimb: i + j) }
    }
    return product
  }

  /// The difference; `right` is not larger.
  static func - (left: WideInteger, right: WideInteger) -> WideInteger {
    precondition(left >= right, "\(left) - \(right) is negative")
    var difference = left
    var borrow: Int64 = 0
    for limb in left.limbs.indices {
      let part = Int64(left.limbs[limb]) - Int64(right.limbs[limb]) - borrow
      difference.limbs[limb] = UInt32(truncatingIfNeeded: part)
      borrow = part < 0 ? 1 : 0
    }
    return difference
  }

  /// The nearest `Double`, ties to even.
  var double: Double { double(unit: 0) }

  /// The nearest `Double` to the number times `2^unit`, ties to even.
  func double(unit: Int) -> Double {
    guard let top = limbs.lastIndex(where: { $0 != 0 }) else { return 0 }
    let zeros = UInt64(limbs[top].leadingZeroBitCount)
    let next = top >= 1 ? limbs[top - 1] : 0
    let third = UInt64(top >= 2 ? limbs[top - 2] : 0) << zeros
    var bits = (UInt64(limbs[top]) << 32 | UInt64(next)) << zeros | third >> 32
    // The last of 64 bits, of which 53 stay, says whether anything lies below.
    if third & 0xFFFF_FFFF != 0 || limbs.prefix(max(0, top - 2)).contains(where: { $0 != 0 }) { bits |= 1 }
    return Double(sign: .plus, exponent: (top - 1) * 32 - Int(zeros) + unit, significand: Double(bits))
  }
}

extension WideInteger: Comparable {
  static func < (left: WideInteger, right: WideInteger) -> Bool {
    left.limbs.reversed().lexicographicallyPrecedes(right.limbs.reversed())
  }
}
