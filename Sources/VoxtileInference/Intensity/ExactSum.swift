/// A sum of `Double`, without any rounding before the end, so that it does not depend on the order of its terms.
///
/// The 53 bits of each significand are added up as integers, apart for each sign and exponent, as in ``FloatMoments``.
struct ExactSum: Sendable {
  /// One sum for each sign and exponent, the first twelve bits of a number.
  private static let binCount = 1 << 12
  private static let exponents = 1 << 11

  private var sums = [UInt128](repeating: 0, count: binCount)

  /// Adds a term.
  ///
  /// - Precondition: it is finite; there are less than 2^63 of them.
  mutating func add(_ value: Double) {
    let hidden: UInt64 = value.exponentBitPattern == 0 ? 0 : 1 << 52
    sums[Int(value.bitPattern >> 52)] += UInt128(value.significandBitPattern | hidden)
  }

  /// The sum divided by a number of terms, to the last bit but one.
  func divided(by count: Int) -> Double {
    // In units of 2^-1074; 128 bits above the largest exponent.
    var (positive, negative) = (WideInteger(bitCount: 2240), WideInteger(bitCount: 2240))
    for exponent in 0..<Self.exponents - 1 {
      let shift = max(exponent, 1) - 1
      positive.add(sums[exponent], shiftedLeft: shift)
      negative.add(sums[exponent + Self.exponents], shiftedLeft: shift)
    }
    let isNegative = positive < negative
    let sum = isNegative ? negative - positive : positive - negative
    var quotient = sum.double(unit: -1074) / Double(count)
    // A sum may be beyond `Double` where its quotient is not.
    if !quotient.isFinite { quotient = sum.double(unit: -1074 - 64) / Double(count) * 0x1p64 }
    return isNegative ? -quotient : quotient
  }
}
