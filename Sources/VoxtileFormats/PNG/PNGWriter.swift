import CSPNG
import Synchronization
import Voxtile

/// A PNG being written. Its only slice comes in one call.
final class PNGWriter: SummedFileWriter {
  let info: VolumeInfo
  private let file: AtomicFile
  private let header: PNGHeader
  private var extent: Extent { info.extent }
  private let compression: WriteOptions.CompressionLevel
  private let isWritten = Mutex(false)

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
    let format = header.pixelFormat
    precondition(slices == 0..<1, "a PNG has slice 0 only, not \(slices)")
    precondition(
      slab.count == extent.voxelCount * format.channels * format.scalarType.byteCount,
      "\(extent) pixels of a PNG are not \(slab.count) bytes")
    let wasWritten = isWritten.withLock { isWritten in
      defer { isWritten = true }
      return isWritten
    }
    precondition(!wasWritten, "a slice is written once")
    let encoder = try PNGEncoder(
      file: file, header: header, extent: extent, compression: compression)
    try encoder.encode(slab)
  }

  var fileChecksum: UInt32? { file.checksum }

  func finish() throws {
    precondition(isWritten.withLock { $0 }, "the slice has not been written")
    try file.commit()
  }
}
