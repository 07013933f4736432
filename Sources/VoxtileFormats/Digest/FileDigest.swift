import Voxtile

/// The SHA-256 of a file, which says which file something was made from: `sha256sum` prints the same.
///
/// Unlike a CRC-32, which finds damage, it tells any two files apart.
package struct FileDigest {
  /// 64 hexadecimal digits.
  package let text: String
  /// The size of the file in bytes.
  package let byteCount: Int

  /// Reads a file once.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - check: called for each MiB that is read; what it throws ends the reading.
  /// - Throws: `VoxtileError.Code.fileAccess` where it cannot be read, `.runtimeNotFound` where the system lacks the library
  ///   that makes digests.
  /// - Complexity: O(size of the file); 1 MiB of memory.
  package init(ofFile path: String, check: () throws -> Void) throws {
    let file = try InputFile(path)
    var sum = try SHA256Sum()
    let step = 1 << 20
    var offset = 0
    while true {
      try check()
      let bytes = try file.bytes(at: offset, count: step)
      try sum.add(bytes)
      offset += bytes.count
      if bytes.count < step { break }
    }
    byteCount = offset
    text = try Self.text(of: sum.finish())
  }

  /// Reads all files below a folder once. The digest is that of what `sha256sum` prints of them in the order of their names,
  /// such as `find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum`.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where one cannot be read.
  package init(ofFolder path: String, check: () throws -> Void) throws {
    var sum = try SHA256Sum()
    var byteCount = 0
    let names = try Folder.paths(below: path)
    for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      let file = "\(path)/\(name)"
      guard FormatProbe(file).kind == .file else { continue }
      let digest = try FileDigest(ofFile: file, check: check)
      try sum.add(Array("\(digest.text)  ./\(name)\n".utf8))
      byteCount += digest.byteCount
    }
    self.byteCount = byteCount
    text = try Self.text(of: sum.finish())
  }

  /// The digest of bytes.
  ///
  /// - Throws: `VoxtileError.Code.runtimeNotFound` where the system lacks the library that makes digests.
  package init(of bytes: [UInt8]) throws {
    var sum = try SHA256Sum()
    try sum.add(bytes)
    byteCount = bytes.count
    text = try Self.text(of: sum.finish())
  }

  /// Whether digests can be made here, for those who need one after long work.
  ///
  /// - Throws: `VoxtileError.Code.runtimeNotFound` where the system lacks the library that makes them.
  package static func check() throws { _ = try SHA256Sum() }

  /// The hexadecimal digits of a sum.
  static func text(of sum: [UInt8]) -> String {
    sum.map { byte in
      let digits = String(byte, radix: 16)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }
}
