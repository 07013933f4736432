import Voxtile

/// A file of bytes, or the part of one that holds voxels, which may be compressed with gzip or zlib.
enum RawSource: Sendable {
  case plain(InputFile)
  case gzip(GzipReader)

  /// Takes an open file; its first bytes say whether it is compressed.
  init(_ file: InputFile) throws(VoxtileError) {
    self = GzipReader.recognizes(try file.prefix(2)) ? .gzip(GzipReader(file)) : .plain(file)
  }

  /// Takes the part of an open file from an offset on, which is compressed with gzip or zlib, as its first bytes say.
  init(compressed file: InputFile, at offset: Int) throws(VoxtileError) {
    self = .gzip(GzipReader(file, at: offset, DeflateWrapper(of: try file.bytes(at: offset, count: 2))))
  }

  /// The file itself.
  var file: InputFile {
    switch self {
    case .plain(let file): file
    case .gzip(let reader): reader.file
    }
  }

  /// The first bytes, fewer where there are no more.
  func prefix(_ count: Int) throws(VoxtileError) -> [UInt8] {
    switch self {
    case .plain(let file): try file.prefix(count)
    case .gzip(let reader): try reader.prefix(count)
    }
  }

  /// Checks that there can be as many bytes as a header declares, before they are allocated.
  func check(declared: Int) throws(VoxtileError) {
    switch self {
    case .plain(let file):
      guard declared <= file.byteCount else {
        throw VoxtileError(
          .malformedFile,
          "should have \(declared) bytes by its header, but has \(file.byteCount); it is truncated or its "
            + "dimensions are wrong",
          context: .init(
            file: file.path, byteOffset: file.byteCount, expected: "\(declared) bytes",
            found: "\(file.byteCount) bytes"))
      }
    case .gzip(let reader): try GzipInflater.check(declared: declared, canComeFrom: reader.file)
    }
  }
}
