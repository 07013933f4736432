import Voxtile

/// Little-endian numbers one after another.
struct ZipFields {
  private let bytes: [UInt8]
  private(set) var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next number of 2, 4 or 8 bytes.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where there are no more bytes, or the number is 2^63 or more.
  mutating func int(_ byteCount: Int) throws(VoxtileError) -> Int {
    let field = try take(byteCount)
    guard let number = Int(exactly: field.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }) else {
      throw .zip("has a directory that is damaged; get the file again")
    }
    return number
  }

  /// The next bytes.
  mutating func take(_ byteCount: Int) throws(VoxtileError) -> ArraySlice<UInt8> {
    guard byteCount <= bytes.count - position else {
      throw .zip("ends within its directory; it is truncated, get the file again")
    }
    defer { position += byteCount }
    return bytes[position..<position + byteCount]
  }

  /// Passes over bytes; a later read fails where there are not as many.
  mutating func skip(_ byteCount: Int) { position = min(bytes.count, position + byteCount) }

  /// The bytes of numbers.
  static func bytes(_ fields: [(number: Int, byteCount: Int)]) -> [UInt8] {
    fields.flatMap { field in
      (0..<field.byteCount).map { UInt8(truncatingIfNeeded: field.number >> (8 * $0)) }
    }
  }
}
