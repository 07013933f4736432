import Voxtile

/// Writes an animation that repeats forever as a GIF, by giflib. The file appears whole or not at all.
///
/// Source: GIF89a specification; the extension NETSCAPE2.0 for the repetition.
package final class GIFWriter {
  /// What changes in the picture, and how long it stays.
  package struct Frame {
    /// The columns and rows that change.
    package var columns: Range<Int>
    package var rows: Range<Int>
    /// The colors of their pixels by their places in the palette, row by row.
    package var pixels: [UInt8]
    /// How long the picture then stays, in hundredths of a second.
    package var hundredths: Int

    /// Creates a frame.
    package init(columns: Range<Int>, rows: Range<Int>, pixels: [UInt8], hundredths: Int) {
      (self.columns, self.rows, self.pixels, self.hundredths) = (columns, rows, pixels, hundredths)
    }
  }

  private let library: GIFLibrary
  private let file: AtomicFile
  private let output: GIFOutput
  /// `nil` once the file is finished.
  private var handle: GIFLibrary.Handle?
  private let size: (width: Int, height: Int)
  private let transparent: Int

  /// The most colors of a palette.
  package static let mostColors = 256
  private static let repetition = (
    code: Int32(0xFF), name: Array("NETSCAPE2.0".utf8), forever: [1, 0, 0] as [UInt8]
  )
  private static let controlCode: Int32 = 0xF9
  /// The picture stays for the next frame to change it, and one color is transparent.
  private static let keepsPicture: UInt8 = 1 << 2 | 1

  /// Makes sure that GIFs can be written here.
  ///
  /// - Throws: `VoxtileError.Code.runtimeNotFound` where giflib is not installed.
  package static func checkLibrary() throws(VoxtileError) { _ = try GIFLibrary.library() }

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - isReplacing: whether an existing file may be replaced.
  ///   - size: that of the picture in pixels, up to 65,535.
  ///   - palette: at most 256 colors.
  ///   - transparent: the place in the palette that leaves a pixel as it is.
  /// - Throws: `VoxtileError.Code.runtimeNotFound` where giflib is not installed, `VoxtileError.Code.targetExists` and
  ///   `VoxtileError.Code.fileAccess` where the file cannot be written.
  package init(
    _ path: String, replacing isReplacing: Bool, size: (width: Int, height: Int), palette: [VolumeInfo.Color],
    transparent: Int
  ) throws(VoxtileError) {
    precondition(
      palette.count <= Self.mostColors && transparent < palette.count, "the palette has 256 colors")
    library = try GIFLibrary.library()
    file = try AtomicFile(path, replacing: isReplacing)
    output = GIFOutput(file)
    (self.size, self.transparent) = (size, transparent)
    guard let handle = library.open(nil, GIFOutput.write, nil) else { throw .gif(path) }
    self.handle = handle
    output.begin(handle)
    library.setVersion(handle, true)
    let colors = palette.flatMap { [$0.red, $0.green, $0.blue] }
    let padded = colors + [UInt8](repeating: 0, count: 3 * Self.mostColors - colors.count)
    let map = library.makePalette(Int32(Self.mostColors), padded)
    defer { library.freePalette(map) }
    try check(library.putScreen(handle, Int32(size.width), Int32(size.height), 8, 0, map))
    try check(library.beginExtension(handle, Self.repetition.code))
    try check(library.putBlock(handle, Int32(Self.repetition.name.count), Self.repetition.name))
    try check(library.putBlock(handle, Int32(Self.repetition.forever.count), Self.repetition.forever))
    try check(library.endExtension(handle))
  }

  deinit {
    // Releases what the library holds; the unfinished file is removed.
    if let handle { _ = close(handle) }
  }

  /// Adds a frame.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the file cannot be written.
  package func add(_ frame: Frame) throws(VoxtileError) {
    guard let handle else { preconditionFailure("the file is finished") }
    precondition(
      !frame.columns.isEmpty && frame.columns.upperBound <= size.width && !frame.rows.isEmpty
        && frame.rows.upperBound <= size.height && frame.columns.lowerBound >= 0 && frame.rows.lowerBound >= 0
        && frame.pixels.count == frame.columns.count * frame.rows.count, "a frame lies in the picture")
    let time = UInt16(clamping: frame.hundredths)
    let control: [UInt8] = [
      Self.keepsPicture, UInt8(time & 255), UInt8(time >> 8), UInt8(transparent),
    ]
    try check(library.putExtension(handle, Self.controlCode, Int32(control.count), control))
    try check(
      library.putImage(
        handle, Int32(frame.columns.lowerBound), Int32(frame.rows.lowerBound), Int32(frame.columns.count),
        Int32(frame.rows.count), false, nil))
    var pixels = frame.pixels
    let (library, width) = (library, frame.columns.count)
    let isWritten = pixels.withUnsafeMutableBufferPointer { pixels in
      frame.rows.indices.allSatisfy { row in
        let start = (row - frame.rows.lowerBound) * width
        return library.putLine(handle, pixels.baseAddress.map { $0 + start }, Int32(width)) != 0
      }
    }
    try check(isWritten ? 1 : 0)
  }

  /// Writes the end of the file and gives it its name.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the file cannot be written.
  package func finish() throws(VoxtileError) {
    guard let handle else { preconditionFailure("the file is finished") }
    self.handle = nil
    try check(close(handle))
    try file.commit()
  }

  private func close(_ handle: GIFLibrary.Handle) -> Int32 {
    defer { GIFOutput.end(handle) }
    return library.close(handle, nil)
  }

  /// - Parameter status: what a function of the library gave: 0 for an error.
  private func check(_ status: Int32) throws(VoxtileError) {
    if let failure = output.failure { throw failure }
    guard status != 0 else { throw .gif(file.path) }
  }
}

extension VoxtileError {
  fileprivate static func gif(_ path: String) -> VoxtileError {
    VoxtileError(
      .fileAccess, "cannot be written as a GIF; there may be too little memory", context: .init(file: path))
  }
}
