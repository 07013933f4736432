import CSPNG
import Voxtile

/// A PNG being decoded row by row, from its first to its last.
final class PNGDecoder {
  /// The size of the image in pixels.
  let extent: Extent
  /// The header.
  let header: PNGHeader
  /// The passes in which the pixels are stored.
  let isInterlaced: Bool
  private let context: PNGContext
  private var state = State.atHeader

  private enum State {
    case atHeader, atRow(Int), finished
  }

  /// What libspng may allocate for profiles and texts.
  private static let chunkLimit = 64 << 20

  /// Opens a PNG and reads its header.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where the header is damaged or says more than a file of
  ///   this size can hold, `VoxtileError.Code.fileAccess` where the system fails to read.
  init(_ file: InputFile) throws(VoxtileError) {
    let context = try PNGContext(reading: file)
    let expandedLimit = Self.expandedLimit(file)
    let chunkLimit = min(Self.chunkLimit, expandedLimit)
    try context.check(spng_set_chunk_limits(context.pointer, chunkLimit, chunkLimit))
    var image = spng_ihdr()
    try context.check(spng_get_ihdr(context.pointer, &image))
    guard let colorType = PNGPixelFormat.ColorType(rawValue: image.color_type) else {
      throw .png(Int32(SPNG_ECOLOR_TYPE.rawValue), at: context.offset)
    }
    let stored = PNGPixelFormat(colorType: colorType, bitDepth: Int(image.bit_depth))
    extent = Extent(width: Int(image.width), height: Int(image.height))
    isInterlaced = image.interlace_method != 0
    try Self.checkSize(
      extent, stored, passes: isInterlaced ? PNGPass.adam7 : [.whole], limit: expandedLimit)
    header = try PNGHeader(decoding: context, stored: stored)
    self.context = context
  }

  /// The most bytes that what is compressed in a file can expand to: a code of 1 bit for a length and one
  /// of 1 bit for a distance make at most 258 bytes (RFC 1951), 1032 times as many.
  private static func expandedLimit(_ file: InputFile) -> Int {
    min(file.byteCount, Int.max / 1032) * 1032
  }

  private static func checkSize(
    _ extent: Extent, _ format: PNGPixelFormat, passes: [PNGPass], limit: Int
  ) throws(VoxtileError) {
    var left = limit
    for pass in passes {
      let (columns, rows) = (pass.columns(ofWidth: extent.width), pass.rows(ofHeight: extent.height))
      if columns == 0 || rows == 0 { continue }
      let rowBytes = format.rowByteCount(width: columns) + 1
      let (bytes, overflowed) = rowBytes.multipliedReportingOverflow(by: rows)
      guard !overflowed, bytes <= left else {
        throw VoxtileError(
          .malformedFile,
          "says that it has \(extent) pixels, more than the \(limit) bytes that a PNG of "
            + "\(limit / 1032) bytes can expand to; it is truncated or damaged",
          context: .init(byteOffset: 16, expected: "at most \(limit) bytes", found: "\(extent) pixels"))
      }
      left -= bytes
    }
  }

  /// Whether all rows have been decoded.
  var isFinished: Bool {
    if case .finished = state { true } else { false }
  }

  /// Whether the decoder can still give the rows from this one on.
  func canReach(row: Int) -> Bool {
    switch state {
    case .atHeader: true
    case .atRow(let next): !isInterlaced && next <= row
    case .finished: false
    }
  }

  /// Decodes a box, and all rows above it that have not been decoded.
  ///
  /// - Throws: what ``PNGContext/check(_:)`` throws. The decoder cannot be used after that.
  /// - Precondition: the box lies inside the image, and its first row can still be reached.
  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws(VoxtileError) {
    if case .atHeader = state {
      try context.check(
        spng_decode_image(
          context.pointer, nil, 0, Int32(SPNG_FMT_PNG.rawValue), Int32(SPNG_DECODE_PROGRESSIVE.rawValue)))
      state = .atRow(0)
    }
    let rows = PNGRows(decoding: self, region: region, into: destination)
    while case .atRow(let next) = state, isInterlaced || next < region.y.upperBound {
      var place = spng_row_info()
      try context.check(spng_get_row_info(context.pointer, &place))
      let code = spng_decode_scanline(context.pointer, rows.scanline.baseAddress, rows.scanline.count)
      let isLast = code == Int32(SPNG_EOI.rawValue)
      if !isLast { try context.check(code) }
      try rows.place(
        row: Int(place.row_num), pass: isInterlaced ? PNGPass.adam7[Int(place.pass)] : .whole)
      state = .atRow(next + 1)
      if isLast { try finish() }
    }
  }

  /// Reads what follows the image: only there do the checksum of its last part and the end mark lie.
  private func finish() throws(VoxtileError) {
    state = .finished
    try context.check(spng_decode_chunks(context.pointer))
  }
}
