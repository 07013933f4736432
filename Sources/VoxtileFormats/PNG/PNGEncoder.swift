import CSPNG
import Voxtile

/// A PNG being encoded.
struct PNGEncoder {
  private let context: PNGContext
  private let format: PNGPixelFormat
  private let extent: Extent

  /// Starts a PNG in a file.
  init(
    file: AtomicFile, header: PNGHeader, extent: Extent, compression: WriteOptions.CompressionLevel
  ) throws(VoxtileError) {
    let context = try PNGContext(writing: file)
    try header.encode(to: context, extent: extent)
    self.context = context
    self.extent = extent
    format = header.pixelFormat
    try set(SPNG_IMG_COMPRESSION_LEVEL, compression.zlibLevel)
    if format.bitDepth >= 8 { try set(SPNG_FILTER_CHOICE, Int32(compression.filters.rawValue)) }
  }

  private func set(_ option: spng_option, _ value: Int32) throws(VoxtileError) {
    try context.check(spng_set_option(context.pointer, option, value))
  }

  /// Encodes all pixels, given as planar channels, and completes the file.
  ///
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where a value needs more bits than the file has,
  ///   `VoxtileError.Code.fileAccess` where the system fails to write.
  func encode(_ planes: UnsafeRawBufferPointer) throws(VoxtileError) {
    let flags = SPNG_ENCODE_PROGRESSIVE.rawValue | SPNG_ENCODE_FINALIZE.rawValue
    try context.check(
      spng_encode_image(context.pointer, nil, 0, Int32(SPNG_FMT_PNG.rawValue), Int32(flags)))
    let row = UnsafeMutableRawBufferPointer.allocate(
      byteCount: format.rowByteCount(width: extent.width), alignment: 16)
    defer { row.deallocate() }
    for y in 0..<extent.height {
      if format.bitDepth < 8 {
        try pack(planes, y, into: row)
      } else if format.bitDepth == 8 {
        gather(planes, y, as: UInt8.self, into: row)
      } else {
        gather(planes, y, as: UInt16.self, into: row)
      }
      let code = spng_encode_row(context.pointer, row.baseAddress, row.count)
      // libspng says "end of image" even where writing the last part of it has failed.
      try context.check(y == extent.height - 1 && code == Int32(SPNG_EOI.rawValue) ? 0 : code)
    }
  }

  /// Puts the channels of a row side by side.
  private func gather<Sample: FixedWidthInteger & BitwiseCopyable>(
    _ planes: UnsafeRawBufferPointer, _ y: Int, as type: Sample.Type,
    into row: UnsafeMutableRawBufferPointer
  ) {
    let size = MemoryLayout<Sample>.size
    let channels = format.channels
    for channel in 0..<channels {
      let start = (channel * extent.height + y) * extent.width
      for x in 0..<extent.width {
        let sample = planes.loadUnaligned(fromByteOffset: (start + x) * size, as: Sample.self)
        row.storeBytes(of: sample, toByteOffset: (x * channels + channel) * size, as: Sample.self)
      }
    }
  }

  /// Packs a row of gray values into fewer than 8 bits each, the leftmost in the high bits.
  private func pack(
    _ planes: UnsafeRawBufferPointer, _ y: Int, into row: UnsafeMutableRawBufferPointer
  ) throws(VoxtileError) {
    row.initializeMemory(as: UInt8.self, repeating: 0)
    for x in 0..<extent.width {
      let value = planes[y * extent.width + x]
      guard value <= format.maximum else {
        throw VoxtileError(
          .unsupportedFormat,
          "the value \(value) at (\(x), \(y)) is over \(format.maximum), the maximum of the "
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
