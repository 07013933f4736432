import Voxtile

/// A TIFF that libtiff has open. Not for use on two threads at once.
///
/// Unchecked, because it is handed from one thread to the next.
final class TIFFFile: @unchecked Sendable {
  let library: TIFFLibrary
  private let handle: TIFFLibrary.Handle
  private let stream: TIFFStream

  /// Opens a file for reading, at its first page.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` in libtiff's words, `VoxtileError.Code.runtimeNotFound` where there is no libtiff.
  convenience init(reading file: InputFile) throws(VoxtileError) {
    try self.init(reading: file, with: TIFFLibrary.load())
  }

  /// Opens a file for reading with a library.
  convenience init(reading file: InputFile, with library: TIFFLibrary) throws(VoxtileError) {
    // Not mapped (m), strips left as they are (c), tables of blocks read where they are needed (D, O).
    try self.init(
      library, TIFFStream(file, library), mode: "rmcDO", largestAllocation: Self.largestAllocation(of: file))
  }

  /// Starts a file.
  ///
  /// - Parameter isBig: whether it is a BigTIFF, which may be larger than 4 GiB.
  convenience init(writing file: AtomicFile, isBig: Bool) throws(VoxtileError) {
    let library = try TIFFLibrary.load()
    try self.init(library, TIFFStream(file, library), mode: isBig ? "w8" : "w4", largestAllocation: 0)
  }

  private init(
    _ library: TIFFLibrary, _ stream: TIFFStream, mode: String, largestAllocation: Int
  ) throws(VoxtileError) {
    self.library = library
    self.stream = stream
    let handle: TIFFLibrary.Handle?
    if let options = library.options, let chosen = options.allocate() {
      options.setLargestAllocation(chosen, largestAllocation)
      options.setErrorHandler(chosen, TIFFStream.handleError, stream.client)
      options.setWarningHandler(chosen, TIFFStream.handleWarning, stream.client)
      handle = options.open(
        "TIFF", mode, stream.client, TIFFStream.read, TIFFStream.write, TIFFStream.seek, TIFFStream.close,
        TIFFStream.size, nil, nil, chosen)
      options.free(chosen)
    } else {
      handle = library.open(
        "TIFF", mode, stream.client, TIFFStream.read, TIFFStream.write, TIFFStream.seek, TIFFStream.close,
        TIFFStream.size, nil, nil)
    }
    guard let handle else {
      throw stream.failure ?? .tiff(stream.reason ?? "its header is damaged")
    }
    self.handle = handle
  }

  deinit { library.close(handle) }

  /// What libtiff may allocate at once: what the whole file can expand to, up to 2 GiB.
  private static func largestAllocation(of file: InputFile) -> Int {
    1 << 20 + min(file.byteCount, 1 << 16) * TIFFCompression.zstd.largestRatio
  }

  /// Throws what went wrong in a call of libtiff.
  private func check(_ isDone: Bool, _ what: @autoclosure () -> String) throws(VoxtileError) {
    if isDone, stream.failure == nil { return }
    defer { stream.forget() }
    throw stream.failure ?? .tiff(stream.reason ?? what())
  }

  // MARK: Fields

  private func get(_ tag: TIFFTag, _ places: [any CVarArg]) -> Bool {
    TIFFLibrary.withArguments(places) { library.getField(handle, tag.rawValue, $0) } == 1
  }

  /// A field that libtiff keeps as one number of this type, or `nil`.
  func number<Number: BitwiseCopyable & ExpressibleByIntegerLiteral>(
    _ tag: TIFFTag, as type: Number.Type = Number.self
  ) -> Number? {
    var number: Number = 0
    return withUnsafeMutablePointer(to: &number) { get(tag, [$0]) } ? number : nil
  }

  /// A field of text, or `nil`. Bytes that are not UTF-8 become replacement characters.
  func text(_ tag: TIFFTag) -> String? {
    var text: UnsafePointer<CChar>?
    guard withUnsafeMutablePointer(to: &text, { get(tag, [$0]) }), let text else { return nil }
    return String(cString: text)
  }

  /// What each sample beyond those of the color means.
  var extraSamples: [UInt16] {
    var count: UInt16 = 0
    var samples: UnsafePointer<UInt16>?
    let isThere = withUnsafeMutablePointer(to: &count) { count in
      withUnsafeMutablePointer(to: &samples) { get(.extraSamples, [count, $0]) }
    }
    guard isThere, let samples else { return [] }
    return Array(UnsafeBufferPointer(start: samples, count: Int(count)))
  }

  /// The color profile, or nothing.
  var profile: [UInt8] {
    var count: UInt32 = 0
    var bytes: UnsafePointer<UInt8>?
    let isThere = withUnsafeMutablePointer(to: &count) { count in
      withUnsafeMutablePointer(to: &bytes) { get(.profile, [count, $0]) }
    }
    guard isThere, let bytes else { return [] }
    return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
  }

  /// Red, green and blue of each palette entry, 0 to 65535, or `nil`.
  ///
  /// - Precondition: the page has 2 to the power of its bits per sample colors, and these are as many.
  func colorMap(count: Int) -> [[UInt16]]? {
    var channels: (UnsafePointer<UInt16>?, UnsafePointer<UInt16>?, UnsafePointer<UInt16>?)
    let isThere = withUnsafeMutablePointer(to: &channels.0) { red in
      withUnsafeMutablePointer(to: &channels.1) { green in
        withUnsafeMutablePointer(to: &channels.2) { get(.colorMap, [red, green, $0]) }
      }
    }
    guard isThere, let red = channels.0, let green = channels.1, let blue = channels.2 else { return nil }
    return [red, green, blue].map { Array(UnsafeBufferPointer(start: $0, count: count)) }
  }

  /// Sets a field of the page that is being written.
  func set(_ tag: TIFFTag, _ value: any CVarArg) throws(VoxtileError) { try set(tag, [value]) }

  /// Sets a field that takes several values.
  func set(_ tag: TIFFTag, _ values: [any CVarArg]) throws(VoxtileError) {
    let isDone = TIFFLibrary.withArguments(values) { library.setField(handle, tag.rawValue, $0) } == 1
    try check(isDone, "libtiff does not take the field \(tag)")
  }

  /// How many bytes the file has.
  var byteCount: Int { stream.byteCount }

  // MARK: Pages

  var isTiled: Bool { library.isTiled(handle) != 0 }
  var isBigEndian: Bool { library.isBigEndian(handle) != 0 }

  /// Where the fields of the page lie in the file, by which it is selected.
  var pageOffset: UInt64 { library.directoryOffset(handle) }

  /// Goes to the next page.
  ///
  /// - Returns: whether there is one.
  func goToNextPage() throws(VoxtileError) -> Bool {
    if library.isLastDirectory(handle) != 0 { return false }
    try check(library.readDirectory(handle) == 1, "its next page cannot be read")
    return true
  }

  /// Goes to a page.
  func goToPage(at offset: UInt64) throws(VoxtileError) {
    if offset == pageOffset { return }
    try check(library.selectDirectory(handle, offset) == 1, "its page at byte \(offset) cannot be read")
  }

  // MARK: Blocks

  /// Where a tile or strip lies in the file, in bytes.
  func blockOffset(_ number: Int) -> UInt64 {
    library.blockOffset(handle, UInt32(truncatingIfNeeded: number))
  }

  /// How many bytes a tile or strip has in the file.
  func blockByteCount(_ number: Int) -> UInt64 {
    library.blockByteCount(handle, UInt32(truncatingIfNeeded: number))
  }

  /// Decodes a tile or strip, in the byte order of the machine.
  ///
  /// - Parameter buffer: room for the whole block, which is filled.
  func readBlock(
    _ number: Int, isTile: Bool, into buffer: UnsafeMutableRawBufferPointer
  ) throws(VoxtileError) {
    let read = isTile ? library.readTile : library.readStrip
    let count = read(handle, UInt32(truncatingIfNeeded: number), buffer.baseAddress, buffer.count)
    let kind = isTile ? "tile" : "strip"
    try check(count == buffer.count, "\(kind) \(number) has \(count) of its \(buffer.count) bytes")
  }

  /// Writes a tile or strip that is compressed already.
  func writeBlock(_ number: Int, isTile: Bool, _ bytes: [UInt8]) throws(VoxtileError) {
    let write = isTile ? library.writeTile : library.writeStrip
    let count = bytes.withUnsafeBytes { bytes in
      // libtiff's parameter is not const, but it only reads.
      write(
        handle, UInt32(truncatingIfNeeded: number), UnsafeMutableRawPointer(mutating: bytes.baseAddress),
        bytes.count)
    }
    try check(count == bytes.count, "\(isTile ? "tile" : "strip") \(number) cannot be written")
  }

  /// Completes the page that is being written.
  func finishPage() throws(VoxtileError) {
    try check(library.writeDirectory(handle) == 1, "the page cannot be written")
  }
}

extension VoxtileError {
  /// What libtiff says is wrong with a file.
  static func tiff(_ reason: String) -> VoxtileError {
    VoxtileError(
      .malformedFile, "is not a TIFF that libtiff can read: \(reason); it is truncated or damaged",
      context: .init(found: reason))
  }

  /// What a TIFF has that is not read here.
  static func tiffHas(_ what: String, advice: String) -> VoxtileError {
    VoxtileError(
      .unsupportedFormat, "has \(what), which is not read here; \(advice)", context: .init(found: what))
  }
}
