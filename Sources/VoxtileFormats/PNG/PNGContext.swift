import CSPNG
import Voxtile

/// A decoder or encoder of libspng, with the file that it reads or writes.
final class PNGContext {
  /// libspng's own object.
  let pointer: OpaquePointer
  private let file: File
  /// How many bytes have been read or written.
  private(set) var offset = 0
  /// What went wrong with the file; libspng only learns that something did.
  private var failure: VoxtileError?
  private var strings: [UnsafeMutablePointer<CChar>] = []

  private enum File {
    case input(InputFile)
    case output(AtomicFile)
  }

  /// Creates a decoder that reads a file from its beginning.
  convenience init(reading file: InputFile) throws(VoxtileError) {
    try self.init(.input(file), flags: 0)
  }

  /// Creates an encoder that writes a file from its beginning.
  convenience init(writing file: AtomicFile) throws(VoxtileError) {
    try self.init(.output(file), flags: SPNG_CTX_ENCODER.rawValue)
  }

  private init(_ file: File, flags: UInt32) throws(VoxtileError) {
    guard let pointer = spng_ctx_new(Int32(flags)) else { throw .png(Int32(SPNG_EMEM.rawValue), at: 0) }
    self.pointer = pointer
    self.file = file
    let code = spng_set_png_stream(
      pointer,
      { _, user, bytes, count in
        guard let user, let bytes else { return SPNG_IO_ERROR.rawValue }
        return Unmanaged<PNGContext>.fromOpaque(user).takeUnretainedValue()
          .transfer(UnsafeMutableRawBufferPointer(start: bytes, count: count))
      }, Unmanaged.passUnretained(self).toOpaque())
    try check(code)
  }

  deinit {
    spng_ctx_free(pointer)
    for string in strings { string.deallocate() }
  }

  private func transfer(_ bytes: UnsafeMutableRawBufferPointer) -> Int32 {
    do throws(VoxtileError) {
      switch file {
      case .input(let file):
        let count = try file.read(at: offset, into: bytes)
        offset += count
        if count == bytes.count { return 0 }
        // Kept, since libspng takes a missing last checksum for one that may be ignored.
        failure = .png(SPNG_IO_EOF.rawValue, at: offset)
        return SPNG_IO_EOF.rawValue
      case .output(let file):
        try file.write(UnsafeRawBufferPointer(bytes), at: offset)
        offset += bytes.count
        return 0
      }
    } catch {
      failure = error
      return SPNG_IO_ERROR.rawValue
    }
  }

  /// Throws what a result of libspng stands for, unless it is a success.
  func check(_ code: Int32) throws(VoxtileError) {
    if let failure { throw failure }
    guard code == 0 else { throw .png(code, at: offset) }
  }

  /// Whether a chunk that was asked for is there.
  ///
  /// - Throws: what ``check(_:)`` throws, where the result is neither a success nor the lack of the chunk.
  func isPresent(_ code: Int32) throws(VoxtileError) -> Bool {
    if code == Int32(SPNG_ECHUNKAVAIL.rawValue) { return false }
    try check(code)
    return true
  }

  /// A copy of some bytes with a 0 after them, for libspng to use as long as the context lives.
  func string(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar> {
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
    for (index, byte) in bytes.enumerated() { copy[index] = CChar(bitPattern: byte) }
    copy[bytes.count] = 0
    strings.append(copy)
    return copy
  }
}

extension VoxtileError {
  /// A failure that libspng reports, in its own words.
  static func png(_ code: Int32, at offset: Int) -> VoxtileError {
    switch code {
    case SPNG_IO_EOF.rawValue:
      VoxtileError(
        .malformedFile, "ends at byte \(offset) before the PNG is complete; it is truncated",
        context: Context(byteOffset: offset))
    case Int32(SPNG_EMEM.rawValue):
      VoxtileError(.fileAccess, "needs more memory than there is; close other programs")
    case Int32(SPNG_EOVERFLOW.rawValue):
      VoxtileError(
        .unsupportedFormat, "says that it has rows of more than 4 GiB, which libspng does not read",
        context: Context(byteOffset: offset))
    default:
      VoxtileError(
        .malformedFile,
        "is not a valid PNG near byte \(offset): \(String(cString: spng_strerror(code)))",
        context: Context(byteOffset: offset))
    }
  }
}
