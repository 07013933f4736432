import Voxtile

/// Bytes of a chunk: a part of a file, or of memory.
struct ByteSource: Sendable {
  private enum Store: Sendable {
    case file(InputFile)
    case memory([UInt8])
  }

  private let store: Store
  private let range: Range<Int>

  /// A whole file.
  init(_ file: InputFile) {
    store = .file(file)
    range = 0..<file.byteCount
  }

  /// Bytes in memory.
  init(_ bytes: [UInt8]) {
    store = .memory(bytes)
    range = bytes.indices
  }

  private init(_ store: Store, _ range: Range<Int>) {
    self.store = store
    self.range = range
  }

  /// How many bytes there are.
  var byteCount: Int { range.count }

  /// A part, counted from the first byte.
  ///
  /// - Precondition: it lies inside.
  func part(_ part: Range<Int>) -> ByteSource {
    precondition(part.lowerBound >= 0 && part.upperBound <= byteCount, "a part lies inside its source")
    return ByteSource(store, range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
  }

  /// All bytes.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where the file has become shorter, `VoxtileError.Code.fileAccess` where the
  ///   system fails to read.
  func bytes() throws(VoxtileError) -> [UInt8] {
    switch store {
    case .memory(let bytes): return range == bytes.indices ? bytes : Array(bytes[range])
    case .file(let file):
      return try [UInt8](checkedCapacity: range.count) { (buffer) throws(VoxtileError) -> Int in
        try file.readExactly(at: range.lowerBound, into: buffer)
        return range.count
      }
    }
  }
}
