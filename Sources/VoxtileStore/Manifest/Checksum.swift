import CISAL
import Voxtile
import VoxtileFormats

/// The CRC-32 of a file's bytes, as gzip, zlib and PNG compute it.
///
/// It is written `crc32:` and eight hexadecimal digits, and anyone can compute it again, for example with
/// Python's `zlib.crc32`. It finds damage and mix-ups, not forgery.
public struct Checksum: Hashable, Sendable {
  /// The checksum as a number.
  public let value: UInt32

  /// Creates a checksum from its number.
  public init(_ value: UInt32) { self.value = value }

  /// Computes the checksum of a file.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the file cannot be read.
  /// - Complexity: O(size of the file); 1 MiB of memory.
  public init(ofFile path: String) throws {
    let file = try InputFile(path)
    var buffer = [UInt8](repeating: 0, count: max(1, min(1 << 20, file.byteCount)))
    var value: UInt32 = 0
    var offset = 0
    while offset < file.byteCount {
      let count = try buffer.withUnsafeMutableBytes { bytes in try file.read(at: offset, into: bytes) }
      if count == 0 { break }
      value = buffer.withUnsafeBufferPointer { bytes in
        crc32_gzip_refl(value, bytes.baseAddress, UInt64(count))
      }
      offset += count
    }
    self.init(value)
  }
}

extension Checksum: LosslessStringConvertible {
  /// `crc32:` and eight hexadecimal digits.
  public var description: String {
    let digits = String(value, radix: 16)
    return "crc32:" + String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// The checksum written that way, or `nil`.
  public init?(_ description: String) {
    let prefix = "crc32:"
    let digits = description.dropFirst(prefix.count)
    guard description.hasPrefix(prefix), digits.utf8.count == 8, digits.first != "+",
      let value = UInt32(digits, radix: 16)
    else { return nil }
    self.init(value)
  }
}
