import Voxtile

/// Puts decoded rows where they belong in a box of planar channels.
///
/// A row comes as the file stores it: samples packed into bytes or in the machine's byte order, channels
/// side by side, and of an interlaced image only every second to eighth pixel.
final class PNGRows {
  /// Where the next row is decoded to.
  let scanline: UnsafeMutableRawBufferPointer
  private let unpacked: UnsafeMutableRawBufferPointer
  private let stored: PNGPixelFormat
  /// The number of colors of a palette image; `nil` where samples are no indices.
  private let colorCount: Int?
  private let width: Int
  private let channels: Int
  private let sampleBytes: Int
  private let region: Region
  private let destination: UnsafeMutableRawBufferPointer

  /// Creates the rows of a box.
  ///
  /// - Precondition: the destination has just the bytes of the box.
  init(
    decoding decoder: PNGDecoder, region: Region, into destination: UnsafeMutableRawBufferPointer
  ) {
    stored = decoder.header.pixelFormat
    colorCount = decoder.header.palette?.count
    width = decoder.extent.width
    channels = stored.channels
    sampleBytes = stored.scalarType.byteCount
    self.region = region
    self.destination = destination
    scanline = .allocate(byteCount: stored.rowByteCount(width: width), alignment: 16)
    unpacked = .allocate(byteCount: stored.bitDepth < 8 ? width : 0, alignment: 16)
  }

  deinit {
    scanline.deallocate()
    unpacked.deallocate()
  }

  /// Puts the row that has just been decoded in its place; rows outside the box are left out.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where a pixel has a color that is not in the palette.
  func place(row y: Int, pass: PNGPass) throws(VoxtileError) {
    guard region.y.contains(y) else { return }
    let columns = pass.columns(ofWidth: width)
    if stored.bitDepth < 8 {
      for column in 0..<columns { unpacked[column] = packedSample(column) }
    }
    let samples = UnsafeRawBufferPointer(unpacked.isEmpty ? scanline : unpacked)
    if let colorCount { try checkColors(samples, count: colorCount, columns: columns, row: y, pass: pass) }
    if sampleBytes == 2 {
      scatter(samples, as: UInt16.self, row: y, pass: pass)
    } else {
      scatter(samples, as: UInt8.self, row: y, pass: pass)
    }
  }

  /// One sample of 1 to 8 bits; the leftmost is in the high bits.
  private func packedSample(_ column: Int) -> UInt8 {
    let bit = column * stored.bitDepth
    let shift = 8 - stored.bitDepth - bit % 8
    return scanline[bit / 8] >> UInt8(shift) & UInt8(stored.maximum)
  }

  private func checkColors(
    _ indices: UnsafeRawBufferPointer, count: Int, columns: Int, row: Int, pass: PNGPass
  ) throws(VoxtileError) {
    for column in 0..<columns where Int(indices[column]) >= count {
      throw VoxtileError(
        .malformedFile,
        "has color \(indices[column]) at (\(pass.xStart + column * pass.xStep), \(row)), "
          + "but its palette has only \(count) colors; it is damaged",
        context: .init(expected: "less than \(count)", found: "\(indices[column])"))
    }
  }

  /// Copies the samples of a row that lie in the box, each to the plane of its channel.
  private func scatter<Sample: FixedWidthInteger & BitwiseCopyable>(
    _ samples: UnsafeRawBufferPointer, as type: Sample.Type, row y: Int, pass: PNGPass
  ) {
    let size = MemoryLayout<Sample>.size
    let planeBytes = region.extent.width * region.extent.height * size
    let rowStart = (y - region.y.lowerBound) * region.extent.width * size
    // The number of stored columns before a column is what an image of that width would store.
    let columns =
      pass.columns(ofWidth: region.x.lowerBound)..<pass.columns(ofWidth: region.x.upperBound)
    if columns.isEmpty { return }
    if channels == 1 && pass.xStep == 1 {
      UnsafeMutableRawBufferPointer(rebasing: destination[rowStart...]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: samples[columns.lowerBound * size..<columns.upperBound * size])
      )
      return
    }
    let firstX = pass.xStart + columns.lowerBound * pass.xStep - region.x.lowerBound
    for channel in 0..<channels {
      var target = channel * planeBytes + rowStart + firstX * size
      for column in columns {
        let sample = samples.loadUnaligned(
          fromByteOffset: (column * channels + channel) * size, as: Sample.self)
        destination.storeBytes(of: sample, toByteOffset: target, as: Sample.self)
        target += pass.xStep * size
      }
    }
  }
}
