import CISAL

/// What surrounds deflate data in a file: what comes before it, and the checksum after it.
enum DeflateWrapper: String, Sendable {
  /// RFC 1952, with a CRC-32 and the length. Several members may follow each other.
  case gzip
  /// RFC 1950, with an Adler-32. There is one stream, as in MetaImage.
  case zlib
  /// Nothing: whoever keeps the data also keeps their length and checksum, as ZIP archives do.
  case none = "deflate"

  /// The wrapper that the first bytes of compressed data say; zlib where they are not those of gzip.
  init(of prefix: some Collection<UInt8>) {
    self = prefix.starts(with: [0x1F, 0x8B]) ? .gzip : .zlib
  }

  /// The flag by which ISA-L reads the wrapper and verifies its checksum.
  var inflateFlag: UInt32 {
    switch self {
    case .gzip: UInt32(ISAL_GZIP)
    case .zlib: UInt32(ISAL_ZLIB)
    case .none: UInt32(ISAL_GZIP_NO_HDR)
    }
  }

  /// What is written before the first block: for gzip without a name and a time, for zlib with a window of 32 KiB.
  var header: [UInt8] {
    switch self {
    case .gzip: GzipWriter.header
    case .zlib: [0x78, 0x01]
    case .none: []
    }
  }
}

/// The checksum of zlib: Adler-32 (RFC 1950, section 9).
struct Adler32: Equatable {
  /// The checksum of the bytes so far.
  private(set) var value: UInt32 = 1

  /// The checksum of nothing.
  init() {}

  /// Appends bytes. O(bytes).
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
    value = isal_adler32(value, base.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
  }

  /// The checksum as zlib stores it: the highest byte first.
  var bytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - $0 * 8)) } }
}
