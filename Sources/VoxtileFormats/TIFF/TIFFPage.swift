import Voxtile

/// One page of a TIFF: its pixels, and the blocks (tiles or strips) in which they are stored.
struct TIFFPage: Sendable {
  /// Where its fields lie in the file, by which it is selected.
  let offset: UInt64
  let pixels: TIFFPixels
  let blocks: TIFFBlocks
  /// Whether it is a smaller copy of another page, or a mask of one.
  let isSecondary: Bool
  /// Where all its samples lie one after another, uncompressed and as in memory but for their byte order; `nil` where they do not.
  let rawOffset: Int?

  /// Decodes the fields of the page that is selected.
  ///
  /// - Throws: what ``TIFFPixels/init(_:)`` and ``TIFFBlocks/init(_:of:)`` throw.
  init(_ file: TIFFFile) throws(VoxtileError) {
    offset = file.pageOffset
    isSecondary = Self.isSecondary(file)
    pixels = try TIFFPixels(file)
    blocks = try TIFFBlocks(file, of: pixels)
    try Self.checkSize(pixels, blocks.compression, fileByteCount: file.byteCount)
    rawOffset = blocks.rawOffset(in: file, pixels)
  }

  /// Whether the page that is selected is a smaller copy of another one, or a mask of one, which may have any kind of pixels.
  static func isSecondary(_ file: TIFFFile) -> Bool {
    // Bit 0 says that it is smaller, bit 2 that it is a mask.
    if let type: UInt32 = file.number(.subfileType), type & 0b101 != 0 { return true }
    return file.number(.oldSubfileType, as: UInt16.self) == 2
  }

  /// Bytes of its pixels before they are compressed; a page that was opened has a number of them.
  var storedByteCount: Int {
    pixels.height * pixels.rowByteCount(pixels: pixels.width, samples: pixels.samples)
  }

  /// Makes sure that a file of so many bytes can hold the page, before anything of its size is allocated or counted.
  private static func checkSize(
    _ pixels: TIFFPixels, _ compression: TIFFCompression, fileByteCount: Int
  ) throws(VoxtileError) {
    let limit = min(fileByteCount, Int.max / compression.largestRatio) * compression.largestRatio
    let row = pixels.rowByteCount(pixels: pixels.width, samples: pixels.samples)
    let (stored, overflowed) = row.multipliedReportingOverflow(by: pixels.height)
    guard !overflowed, stored <= limit else {
      throw VoxtileError(
        .malformedFile,
        "says that it has \(pixels.description), more than a file of \(fileByteCount) bytes can hold; it is truncated or "
          + "damaged",
        context: .init(expected: "at most \(limit) bytes", found: pixels.description))
    }
  }
}

/// How the pixels of a page are cut into blocks.
struct TIFFBlocks: Hashable, Sendable {
  let isTiled: Bool
  /// The size of a block in pixels. A strip is as wide as the page, and the last one may be lower.
  let width: Int
  let height: Int
  /// Whether each sample has blocks of its own; otherwise, the samples of a pixel lie side by side.
  let isPlanar: Bool
  let compression: TIFFCompression
  /// The blocks of one row, and of one column.
  let columns: Int
  let rows: Int

  /// Decodes the fields of the page that is selected.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where a field is missing or too large,
  ///   `VoxtileError.Code.unsupportedFormat` for compressions that are not read, by their name.
  init(_ file: TIFFFile, of pixels: TIFFPixels) throws(VoxtileError) {
    let code: UInt16 = file.number(.compression) ?? 1
    guard let compression = TIFFCompression(rawValue: code) else {
      throw .tiffHas("\(TIFFCompression.name(of: code)) compression", advice: "write it with deflate")
    }
    guard file.library.isCodecConfigured(code) != 0 else {
      throw .tiffHas(
        "\(compression.name) compression, which the libtiff of this machine was built without",
        advice: "write it with deflate")
    }
    self.compression = compression
    isPlanar = pixels.samples > 1 && file.number(.planarConfiguration, as: UInt16.self) == 2
    isTiled = file.isTiled
    let size: (UInt32?, UInt32?) =
      isTiled
      ? (file.number(.tileWidth), file.number(.tileLength))
      : (UInt32(pixels.width), min(file.number(.rowsPerStrip) ?? .max, UInt32(pixels.height)))
    guard let width = size.0, let height = size.1, width > 0, height > 0 else {
      throw .tiff("its \(isTiled ? "tiles" : "strips") have no size")
    }
    self.width = Int(width)
    self.height = Int(height)
    columns = (pixels.width - 1) / self.width + 1
    rows = (pixels.height - 1) / self.height + 1
    let samples = isPlanar ? 1 : pixels.samples
    let (area, overflowed) = self.width.multipliedReportingOverflow(by: self.height * samples)
    guard !overflowed, area <= Int.max / 64, columns * rows <= Int(Int32.max) / pixels.samples else {
      throw .tiff("its blocks of \(width)x\(height) pixels are too large or too many")
    }
  }

  /// The samples of a pixel that lie side by side.
  func samplesSideBySide(_ pixels: TIFFPixels) -> Int { isPlanar ? 1 : pixels.samples }

  /// The bytes of a decoded block.
  ///
  /// - Parameter row: the row of blocks that it is in; the last strip may be lower.
  func byteCount(row: Int, _ pixels: TIFFPixels) -> Int {
    let lines = isTiled ? height : min(height, pixels.height - row * height)
    return lines * pixels.rowByteCount(pixels: width, samples: samplesSideBySide(pixels))
  }

  /// Where the samples begin, where they lie one after another as in memory; `nil` where they do not, or where a table lies.
  func rawOffset(in file: TIFFFile, _ pixels: TIFFPixels) -> Int? {
    guard compression == .none, !isTiled, !isPlanar, pixels.bits >= 8 else { return nil }
    var next = file.blockOffset(0)
    guard let start = Int(exactly: next), start > 0 else { return nil }
    for row in 0..<rows {
      guard file.blockOffset(row) == next else { return nil }
      next &+= UInt64(byteCount(row: row, pixels))
    }
    return start
  }

  /// What a person may want to know.
  var description: String {
    let samples = isPlanar ? ", one plane a sample" : ""
    return "\(isTiled ? "tiles" : "strips") of \(width)x\(height)\(samples), compression \(compression.name)"
  }
}
