import Synchronization
import Voxtile

/// An image whose voxels lie one after another in a file, which may be compressed with gzip or zlib, open for reading.
///
/// Formats with a header before or beside their voxels read with it; what differs is where voxels begin, their type,
/// their byte order, and how many components of a voxel lie side by side.
///
/// A box of an uncompressed file costs only its own bytes. In a compressed file, slabs in ascending order cost
/// one pass. Where such a file has several planes (time points, vector components), which follow each
/// other whole, each box would need the entire file; it is inflated once instead, when the first box is
/// read, into a scratch file that goes away with the reader. Reading the whole image at once needs no
/// scratch file.
///
/// The checksum of a compressed file is verified when its last voxel is read.
final class RawVoxelReader: FileBackedReader {
  let info: VolumeInfo
  private let source: RawSource
  /// The file of the header, where that is another one: it is closed, and what is read of the voxels has to fit it.
  private let headerFile: (path: String, version: FileVersion)?
  private let layout: VoxelLayout
  private let order: VoxelOrder
  /// The uncompressed voxels of all planes, once a box of them has been read.
  private let inflatedVoxels = Mutex<ScratchFile?>(nil)

  /// How many bytes pass through the buffer that reorders components.
  private static let chunkByteCount = 1 << 18

  /// - Parameters:
  ///   - info: what the header says: as many channels as there are planes and components.
  ///   - source: the file that has the voxels.
  ///   - offset: where they begin.
  ///   - planes: how many images of all components follow each other whole.
  ///   - order: how a voxel is stored.
  ///   - header: the file of the header, where that is another one.
  /// - Throws: `VoxtileError.Code.malformedFile` where the file is too small for the voxels.
  /// - Precondition: the number of the last byte of the voxels is one that `Int` holds.
  init(
    _ info: VolumeInfo, source: RawSource, offset: Int, planes: Int, order: VoxelOrder,
    header: InputFile? = nil
  ) throws(VoxtileError) {
    self.info = info
    self.source = source
    headerFile = header.map { ($0.path, $0.version) }
    self.order = order
    layout = VoxelLayout(
      extent: info.extent, planes: planes, voxelByteCount: order.voxelByteCount, offset: offset)
    try source.check(declared: endOffset)
  }

  var isRandomAccess: Bool {
    if case .plain = source { return true }
    return false
  }

  func checkUnchanged() throws(VoxtileError) {
    try source.file.checkUnchanged()
    // A header that was replaced by another file has been read whole.
    guard let headerFile, let now = FileVersion(headerFile.path), now != headerFile.version,
      now.isOfSameFile(as: headerFile.version)
    else { return }
    throw .changedWhileRead(headerFile.path, from: headerFile.version, to: now)
  }

  func releaseBuffers() {
    if case .gzip(let reader) = source { reader.releaseBuffers() }
    inflatedVoxels.withLock { $0 = nil }
  }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    try readVoxels(region, into: destination)
  }

  /// ``read(_:into:)`` with the type of its errors.
  func readVoxels(
    _ region: Region, into destination: UnsafeMutableRawBufferPointer
  ) throws(VoxtileError) {
    precondition(
      destination.count == info.byteCount(of: region),
      "the destination has \(destination.count) bytes, \(region) needs \(info.byteCount(of: region))")
    let runs = layout.runs(of: region)
    do throws(VoxtileError) {
      switch source {
      case .plain(let file):
        try fill(destination, from: runs, voxels: region.voxelCount) {
          (offset, buffer) throws(VoxtileError) in try file.readExactly(at: offset, into: buffer)
        }
      case .gzip(let reader):
        if layout.planes > 1 && region.extent != layout.extent {
          try readInflated(reader, runs, voxels: region.voxelCount, into: destination)
        } else {
          try readStreaming(reader, runs, voxels: region.voxelCount, into: destination)
        }
      }
    } catch {
      throw error.inFile(source.file.path)
    }
  }

  private func readStreaming(
    _ reader: GzipReader, _ runs: FileRuns, voxels: Int, into destination: UnsafeMutableRawBufferPointer
  ) throws(VoxtileError) {
    try reader.withInflater { (inflater) throws(VoxtileError) in
      try fill(destination, from: runs, voxels: voxels) { (offset, buffer) throws(VoxtileError) in
        try inflater.readExactly(at: offset, into: buffer)
      }
      if inflater.position == endOffset { try inflater.verifyEnd(limit: Self.chunkByteCount) }
    }
  }

  private func readInflated(
    _ reader: GzipReader, _ runs: FileRuns, voxels: Int, into destination: UnsafeMutableRawBufferPointer
  ) throws(VoxtileError) {
    let scratch = try inflatedVoxels.withLock { (kept) throws(VoxtileError) -> ScratchFile in
      if let kept { return kept }
      let scratch = try inflate(reader)
      kept = scratch
      return scratch
    }
    try fill(destination, from: runs, voxels: voxels) { (offset, buffer) throws(VoxtileError) in
      try scratch.read(at: offset - layout.offset, into: buffer)
    }
  }

  /// Inflates the voxels of all planes into a scratch file.
  private func inflate(_ reader: GzipReader) throws(VoxtileError) -> ScratchFile {
    let scratch = try ScratchFile()
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkByteCount, alignment: 16)
    defer { chunk.deallocate() }
    try reader.withInflater { (inflater) throws(VoxtileError) in
      for offset in stride(from: layout.offset, to: endOffset, by: chunk.count) {
        let part = UnsafeMutableRawBufferPointer(
          rebasing: chunk[..<min(chunk.count, endOffset - offset)])
        try inflater.readExactly(at: offset, into: part)
        try scratch.write(UnsafeRawBufferPointer(part), at: offset - layout.offset)
      }
      try inflater.verifyEnd(limit: Self.chunkByteCount)
    }
    return scratch
  }

  /// Where the voxels end in the uncompressed file.
  private var endOffset: Int {
    layout.offset + layout.extent.voxelCount * layout.planes * layout.voxelByteCount
  }

  /// Fills a destination from runs of bytes, in the order and byte order of memory.
  private func fill(
    _ destination: UnsafeMutableRawBufferPointer, from runs: FileRuns, voxels: Int,
    _ read: (_ offset: Int, UnsafeMutableRawBufferPointer) throws(VoxtileError) -> Void
  ) throws(VoxtileError) {
    guard order.components > 1 else {
      var done = 0
      for run in runs {
        try read(
          run.lowerBound, UnsafeMutableRawBufferPointer(rebasing: destination[done..<done + run.count]))
        done += run.count
      }
      order.byteOrder.convertToNative(
        destination, numberByteCount: order.scalarType.byteCount)
      return
    }
    try fillPlanar(destination, from: runs, voxels: voxels, read)
  }

  private func fillPlanar(
    _ destination: UnsafeMutableRawBufferPointer, from runs: FileRuns, voxels: Int,
    _ read: (_ offset: Int, UnsafeMutableRawBufferPointer) throws(VoxtileError) -> Void
  ) throws(VoxtileError) {
    let size = layout.voxelByteCount
    let chunk = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(min(Self.chunkByteCount / size, voxels), 1) * size, alignment: 16)
    defer { chunk.deallocate() }
    var done = 0
    for run in runs {
      var offset = run.lowerBound
      while offset < run.upperBound {
        // A run may hold several planes; a chunk lies within one.
        let first = done % voxels
        let count = min((run.upperBound - offset) / size, chunk.count / size, voxels - first)
        let part = UnsafeMutableRawBufferPointer(rebasing: chunk[..<(count * size)])
        try read(offset, part)
        let plane = done / voxels * voxels * size
        let channels = UnsafeMutableRawBufferPointer(
          rebasing: destination[plane..<plane + voxels * size])
        order.decode(part, into: channels, at: first, voxels: voxels)
        done += count
        offset += part.count
      }
    }
  }
}
