import Voxtile

/// A codec from bytes to bytes: a compression or a checksum.
protocol ByteCodec: Sendable {
  /// The name in metadata.
  var name: String { get }

  /// The most bytes that one encoded byte can stand for. It limits what is allocated for a chunk.
  var expansionLimit: Int { get }

  /// Decodes bytes.
  ///
  /// - Parameters:
  ///   - source: all encoded bytes of a chunk.
  ///   - target: where the decoded ones go; they may be fewer.
  /// - Returns: the number of bytes decoded.
  /// - Throws: `VoxtileError.Code.malformedFile` where they are damaged, or more than the target holds;
  ///   `VoxtileError.Code.runtimeNotFound` where the library that decodes them is not installed.
  func decode(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(VoxtileError) -> Int
}

extension ByteCodec {
  /// The most bytes that so many become when they are encoded, by whatever program.
  func encodedBound(_ byteCount: Int) -> Int {
    // Data that cannot be compressed are stored, with a few bytes for each part of them.
    byteCount + byteCount / 4 + (1 << 20)
  }

  /// An error of encoded data that are damaged.
  func corrupt(_ reason: String) -> VoxtileError {
    VoxtileError(
      .malformedFile, "is corrupt: \(reason) (codec \(name)); get the file again",
      context: .init(found: reason))
  }

  /// An error of encoded data that hold more than they should.
  func tooLong(_ byteCount: Int) -> VoxtileError {
    VoxtileError(
      .malformedFile,
      "is corrupt: it holds more than the \(byteCount) bytes that its metadata say (codec \(name)); get the file again",
      context: .init(expected: "\(byteCount) bytes", found: "more"))
  }
}
