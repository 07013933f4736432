import CISAL

/// The checksum of gzip: CRC-32 with the reflected polynomial 0xEDB88320 (RFC 1952, section 8).
///
/// Blocks can be summed apart and joined: with `x` the variable of polynomials over GF(2), appending `n`
/// bytes multiplies the sum of what came before by `x^(8n)` modulo the polynomial.
package struct CRC32: Equatable {
  /// The checksum of the bytes so far.
  package private(set) var value: UInt32 = 0
  /// The number of bytes so far.
  package private(set) var byteCount = 0

  /// The checksum of nothing.
  package init() {}

  /// The checksum of a buffer.
  init(_ bytes: UnsafeRawBufferPointer) { update(bytes) }

  /// The checksum of some bytes.
  package init(of bytes: some Collection<UInt8>) {
    Array(bytes).withUnsafeBytes { update($0) }
  }

  /// Appends bytes. O(bytes).
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
    value = crc32_gzip_refl(value, base.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
    byteCount += bytes.count
  }

  /// Appends bytes whose checksum is known. O(log bytes).
  mutating func append(_ next: CRC32) {
    value = Self.product(value, Self.powerOfX(bits: 8 * next.byteCount)) ^ next.value
    byteCount += next.byteCount
  }

  /// In the reflected form the highest bit is the coefficient of `x^0`.
  private static let polynomial: UInt32 = 0xEDB8_8320
  private static let one: UInt32 = 1 << 31

  /// The product of two polynomials, reduced.
  private static func product(_ a: UInt32, _ b: UInt32) -> UInt32 {
    var sum: UInt32 = 0
    var shifted = b
    for degree in 0..<32 {
      if a & (one >> UInt32(degree)) != 0 { sum ^= shifted }
      shifted = (shifted >> 1) ^ (shifted & 1 == 1 ? polynomial : 0)
    }
    return sum
  }

  /// `x` to a power, by squaring.
  private static func powerOfX(bits: Int) -> UInt32 {
    var result = one
    var square = one >> 1
    var rest = bits
    while rest > 0 {
      if rest & 1 == 1 { result = product(result, square) }
      square = product(square, square)
      rest >>= 1
    }
    return result
  }
}
