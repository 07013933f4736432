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

extension Checksum {
  /// Computes the checksum of an image: of its file, or of its folder where it is one.
  ///
  /// That of a folder is the checksum of a text with a line for each file in it, at any depth, in the order of their paths: the
  /// file's checksum, a space, its path in the folder, and a newline. Where a header and its voxels are files of their own, it is
  /// that of a text with the checksum of each, and a newline between them.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where a file cannot be read.
  /// - Complexity: O(size of the files).
  public init(ofImage path: String) throws {
    guard FormatProbe.kind(of: path) == .folder else {
      let files = Self.files(ofImage: path)
      guard files.count > 1 else {
        try self.init(ofFile: path)
        return
      }
      let text = try files.map { try Checksum(ofFile: $0).description }.joined(separator: "\n")
      self.init(CRC32(of: text.utf8).value)
      return
    }
    var text = ""
    for name in try Self.files(inFolder: path) {
      text += "\(try Checksum(ofFile: "\(path)/\(name)")) \(name)\n"
    }
    self.init(CRC32(of: text.utf8).value)
  }

  /// The bytes of an image on the disk: of its file, or of all files in its folder where it is one.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where it is not there.
  package static func byteCount(ofImage path: String) throws -> Int {
    guard FormatProbe.kind(of: path) == .folder else {
      return try Self.files(ofImage: path).reduce(0) { try $0 + InputFile($1).byteCount }
    }
    return try files(inFolder: path).reduce(0) { sum, name in
      sum + (FileVersion("\(path)/\(name)")?.byteCount ?? 0)
    }
  }

  /// The file of an image, and those of its header or its voxels beside it that are there.
  private static func files(ofImage path: String) -> [String] {
    ImageFormats.registry.files(of: path).filter { $0 == path || FormatProbe.kind(of: $0) == .file }
  }

  /// The paths of the files in a folder, at any depth, sorted.
  private static func files(inFolder folder: String) throws(VoxtileError) -> [String] {
    try Folder.paths(below: folder).filter { FormatProbe.kind(of: "\(folder)/\($0)") == .file }
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
