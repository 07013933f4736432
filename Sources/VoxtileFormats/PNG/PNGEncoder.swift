import CSPNG
import Voxtile

/// A PNG being encoded.
struct PNGEncoder {
  private let context: PNGContext
  private let format: PNGPixelFormat
  private let extent: Extent
  /// The number of colors of a palette image; `nil` where values are no indices.
  private let colorCount: Int?

  /// Starts a PNG in a file.
  init(
    file: AtomicFile, header: PNGHeader, extent: Extent, compression: WriteOptions.CompressionLevel
  ) throws(VoxtileError) {
    let context = try PNGContext(writing: file)
    try header.encode(to: context, extent: extent)
    self.context = context
    self.extent = extent
    format = header.pixelFormat
    colorCount = header.palette?.count
    try set(SPNG_IMG_COMPRESSION_LEVEL, compression.zlibLevel)
    if format.bitDepth >= 8 { try set(SPNG_FILTER_CHOICE, Int32(compression.filters.rawValue)) }
    let flags = SPNG_ENCODE_PROGRESSIVE.rawValue | SPNG_ENCODE_FINALIZE.rawValue
    try context.check(
      spng_encode_image(context.pointer, nil, 0, Int32(SPNG_FMT_PNG.rawValue), Int32(flags)))
  }

  private func set(_ option: spng_option, _ value: Int32) throws(VoxtileError) {
    try context.check(spng_set_option(context.pointer, option, value))
  }

  /// Encodes the next rows, given as planar channels, and completes the file after the last one.
  ///
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where a value needs more bits than the file has,
  ///   `VoxtileError.Code.fileAccess` where the system fails to write.
  func encode(_ planes: UnsafeRawBufferPointer, rows: Range<Int>) throws(VoxtileError) {
    let row = UnsafeMutableRawBufferPointer.allocate(
      byteCount: format.rowByteCount(width: extent.width), alignment: 16)
    defer { row.deallocate() }
    for y in rows {
      let line = PlanarRow(index: y, number: y - rows.lowerBound, count: rows.count)
      if let colorCount { try checkColors(planes, line, count: colorCount) }
      if format.bitDepth < 8 {
        try pack(planes, line, into: row)
      } else if format.bitDepth == 8 {
        gather(planes, line, as: UInt8.self, into: row)
      } else {
        gather(planes, line, as: UInt16.self, into: row)
      }
      let code = spng_encode_row(context.pointer, row.baseAddress, row.count)
      // libspng says "end of image" even where writing the last part of it has failed.
      try context.check(y == extent.height - 1 && code == Int32(SPNG_EOI.rawValue) ? 0 : code)
    }
  }

  /// A row of the image, and where it lies among the rows that are given.
  private struct PlanarRow {
    /// The row of the image.
    let index: Int
    /// The row of each plane.
    let number: Int
    /// The number of rows of each plane.
    let count: Int
  }

  private func checkColors(
    _ planes: UnsafeRawBufferPointer, _ row: PlanarRow, count: Int
  ) throws(VoxtileError) {
    let start = row.number * extent.width
    for x in 0..<extent.width where Int(planes[start + x]) >= count {
      let value = planes[start + x]
      throw VoxtileError(
        .unsupportedFormat,
        "the value \(value) at (\(x), \(row.index)) has no color in the palette of \(count) colors; use values below \(count), or "
          + "write .nii.gz",
        context: .init(expected: "less than \(count)", found: "\(value)"))
    }
  }

  /// Puts the channels of a row side by side.
  private func gather<Sample: FixedWidthInteger & BitwiseCopyable>(
    _ planes: UnsafeRawBufferPointer, _ line: PlanarRow, as type: Sample.Type,
    into row: UnsafeMutableRawBufferPointer
  ) {
    let size = MemoryLayout<Sample>.size
    let channels = format.channels
    for channel in 0..<channels {
      let start = (channel * line.count + line.number) * extent.width
      for x in 0..<extent.width {
        let sample = planes.loadUnaligned(fromByteOffset: (start + x) * size, as: Sample.self)
        row.storeBytes(of: sample, toByteOffset: (x * channels + channel) * size, as: Sample.self)
      }
    }
  }

  /// Packs a row of values into fewer than 8 bits each, the leftmost in the high bits.
  private func pack(
    _ planes: UnsafeRawBufferPointer, _ line: PlanarRow, into row: UnsafeMutableRawBufferPointer
  ) throws(VoxtileError) {
    row.initializeMemory(as: UInt8.self, repeating: 0)
    for x in 0..<extent.width {
      let value = planes[line.number * extent.width + x]
      guard value <= format.maximum else {
        throw VoxtileError(
          .unsupportedFormat,
          "the value \(value) at (\(x), \(line.index)) is over \(format.maximum), the maximum of the "
            + "\(format.bitDepth)-bit PNG that the image comes from; scale the values down, or write .nii.gz",
          context: .init(expected: "at most \(format.maximum)", found: "\(value)"))
      }
      let bit = x * format.bitDepth
      row[bit / 8] |= value << UInt8(8 - format.bitDepth - bit % 8)
    }
  }
}

extension WriteOptions.CompressionLevel {
  /// zlib's level.
  fileprivate var zlibLevel: Int32 {
    switch self {
    case .fast: 1
    case .standard: 4
    case .small: 9
    }
  }

  /// The filters that each row chooses from. On slices of brains, choosing among all five takes up to twice
  /// as long as Paeth alone and gains nothing below the highest levels; at level 1, Up is faster still.
  fileprivate var filters: spng_filter_choice {
    switch self {
    case .fast: SPNG_FILTER_CHOICE_UP
    case .standard: SPNG_FILTER_CHOICE_PAETH
    case .small: SPNG_FILTER_CHOICE_ALL
    }
  }
}
