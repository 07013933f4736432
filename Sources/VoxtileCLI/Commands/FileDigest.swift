import Crypto
import Voxtile

/// The SHA-256 of a file, which says which file something was made from: `sha256sum` prints the same.
///
/// Unlike a CRC-32, which finds damage, it tells any two files apart.
struct FileDigest {
  /// 64 hexadecimal digits.
  let text: String
  /// The size of the file in bytes.
  let byteCount: Int

  /// Reads a file once.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - check: called for each MiB that is read; what it throws ends the reading.
  /// - Throws: `VoxtileError.Code.fileAccess` where it cannot be read.
  /// - Complexity: O(size of the file); 1 MiB of memory.
  init(ofFile path: String, check: () throws -> Void) throws {
    let file = try InputFile(path)
    var sum = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var offset = 0
    while true {
      try check()
      let count = try buffer.withUnsafeMutableBytes { try file.read(at: offset, into: $0) }
      sum.update(data: buffer[..<count])
      offset += count
      if count < buffer.count { break }
    }
    byteCount = offset
    text = sum.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }
}
