import Synchronization
import Voxtile

/// A PNG open for reading.
///
/// Boxes read from top to bottom cost one pass over the file, and no pass goes further down than it must.
/// The checksum of the last part of the image is verified where its last row is read.
final class PNGReader: FileBackedReader {
  let info: VolumeInfo
  var isRandomAccess: Bool { false }

  private let file: InputFile
  private let turn = Mutex(())
  /// Where the last read ended; touched only by the one whose turn it is. (A `Mutex` of the decoder itself
  /// would not let memory of the caller in.)
  nonisolated(unsafe) private var decoder: PNGDecoder?

  /// Reads the header of a file.
  init(_ file: InputFile) throws(VoxtileError) {
    let decoder = try PNGDecoder(file)
    self.file = file
    let header = decoder.header
    info = VolumeInfo(
      extent: decoder.extent, channels: header.pixelFormat.channels,
      scalarType: header.pixelFormat.scalarType, isLabelMap: header.palette != nil,
      palette: header.palette, metadata: header.metadata,
      details: header.details(isInterlaced: decoder.isInterlaced))
    self.decoder = decoder
  }

  func checkUnchanged() throws(VoxtileError) { try file.checkUnchanged() }

  func releaseBuffers() { turn.withLock { _ in decoder = nil } }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    precondition(region.isInside(info.extent), "\(region) does not lie in \(info.extent)")
    precondition(
      destination.count == info.byteCount(of: region),
      "\(region) has \(info.byteCount(of: region)) bytes, not \(destination.count)")
    if region.voxelCount == 0 { return }
    try turn.withLock { _ in
      let current =
        if let decoder, decoder.canReach(row: region.y.lowerBound) { decoder } else { try PNGDecoder(file) }
      // A decoder that fails is not used again.
      decoder = nil
      try current.read(region, into: destination)
      if !current.isFinished { decoder = current }
    }
  }
}
