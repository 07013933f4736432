import CISAL
import Voxtile

/// A checksum after the bytes: CRC-32C (Castagnoli), the lowest byte first.
struct CRC32CCodec: ByteCodec {
  let name = "crc32c"
  let expansionLimit = 1
  /// The bytes of the checksum.
  static let byteCount = 4

  func encodedBound(_ byteCount: Int) -> Int { byteCount + Self.byteCount }

  func decode(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(VoxtileError) -> Int {
    let count = source.count - Self.byteCount
    guard count >= 0 else { throw corrupt("it has \(source.count) bytes, fewer than its checksum") }
    guard count <= target.count else { throw tooLong(target.count) }
    let content = UnsafeRawBufferPointer(rebasing: source[..<count])
    let expected = UInt32(littleEndian: source.loadUnaligned(fromByteOffset: count, as: UInt32.self))
    guard Self.checksum(content) == expected else { throw corrupt("its checksum differs from its content") }
    target.copyMemory(from: content)
    return count
  }

  /// The checksum of bytes.
  static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var sum = UInt32.max
    var start = 0
    // ISA-L counts in 32 bits, with a sign.
    while start < bytes.count {
      let count = min(bytes.count - start, 1 << 30)
      let part = UnsafeMutablePointer(
        mutating: bytes.baseAddress?.advanced(by: start).assumingMemoryBound(to: UInt8.self))
      sum = crc32_iscsi(part, Int32(count), sum)
      start += count
    }
    return ~sum
  }
}
