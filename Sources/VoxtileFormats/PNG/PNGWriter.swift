import CSPNG
import Synchronization
import Voxtile

/// A PNG being written, whole or row by row.
final class PNGWriter: SummedFileWriter {
  let info: VolumeInfo
  private let file: AtomicFile
  private let header: PNGHeader
  private var extent: Extent { info.extent }
  private let compression: WriteOptions.CompressionLevel
  private let nextRow = Mutex(0)
  /// The encoder, from the first row on; touched only by the one who writes.
  nonisolated(unsafe) private var encoder: PNGEncoder?

  /// Creates a writer of an image that a PNG can hold.
  init(
    file: AtomicFile, header: PNGHeader, info: VolumeInfo, compression: WriteOptions.CompressionLevel
  ) {
    self.file = file
    self.header = header
    self.info = info
    self.compression = compression
  }

  func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
    if slices.isEmpty { return }
    precondition(slices == 0..<1, "a PNG has slice 0 only, not \(slices)")
    try writeRows(slab, 0..<extent.height, ofSlice: 0)
  }

  func writeRows(_ rows: UnsafeRawBufferPointer, _ range: Range<Int>, ofSlice slice: Int) throws {
    let format = header.pixelFormat
    precondition(
      rows.count == range.count * extent.width * format.channels * format.scalarType.byteCount,
      "\(range.count) rows of \(extent) pixels of a PNG are not \(rows.count) bytes")
    let due = nextRow.withLock { next in
      defer { next = range.upperBound }
      return next
    }
    precondition(
      slice == 0 && range.lowerBound == due && range.upperBound <= extent.height,
      "rows \(range) do not follow row \(due) of \(extent.height)")
    let encoder =
      try encoder
      ?? PNGEncoder(file: file, header: header, extent: extent, compression: compression)
    self.encoder = encoder
    try encoder.encode(rows, rows: range)
  }

  var fileChecksum: UInt32? { file.checksum }

  func finish() throws {
    precondition(nextRow.withLock { $0 } == extent.height, "the PNG was finished before its last row")
    try file.commit()
  }
}
