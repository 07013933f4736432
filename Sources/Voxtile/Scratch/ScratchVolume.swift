/// The voxels of an image in a scratch file, from which any box costs only its own bytes.
///
/// A compressed file is inflated into one when it has to be read in boxes and does not fit in memory.
package struct ScratchVolume: VolumeReader {
  /// What the file that the voxels came from says.
  package let info: VolumeInfo
  private let file: ScratchFile
  private let layout: VoxelLayout

  /// Scratch is uncompressed.
  package var isRandomAccess: Bool { true }

  /// Makes a place for an image in a scratch file.
  ///
  /// - Parameters:
  ///   - info: what the image is.
  ///   - file: the file, which may hold several images.
  ///   - offset: where the image lies in it.
  package init(_ info: VolumeInfo, in file: ScratchFile, at offset: Int = 0) {
    self.info = info
    self.file = file
    layout = VoxelLayout(
      extent: info.extent, planes: info.channels, voxelByteCount: info.scalarType.byteCount,
      offset: offset)
  }

  /// Copies a whole image into a scratch file, in one pass of slabs of at most 16 MiB.
  ///
  /// - Parameters:
  ///   - reader: the image.
  ///   - check: called before each slab; what it throws ends the copy.
  package init(copying reader: any VolumeReader, check: () throws -> Void = {}) throws {
    self.init(reader.info, in: try ScratchFile())
    try reader.forEachSlab(check: check) { slab, region in try write(slab, region: region) }
  }

  /// Writes one box of all channels, in the order `(channels, depth, height, width)`.
  ///
  /// - Precondition: the box lies inside the image and the bytes are its bytes.
  package func write(_ bytes: UnsafeRawBufferPointer, region: Region) throws(VoxtileError) {
    precondition(
      bytes.count == info.byteCount(of: region),
      "\(bytes.count) bytes were given, \(region) has \(info.byteCount(of: region))")
    var done = 0
    for run in layout.runs(of: region) {
      try file.write(
        UnsafeRawBufferPointer(rebasing: bytes[done..<done + run.count]), at: run.lowerBound)
      done += run.count
    }
  }

  /// Reads a box of all channels.
  package func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    precondition(
      destination.count == info.byteCount(of: region),
      "the destination has \(destination.count) bytes, \(region) needs \(info.byteCount(of: region))")
    var done = 0
    for run in layout.runs(of: region) {
      try file.read(
        at: run.lowerBound,
        into: UnsafeMutableRawBufferPointer(rebasing: destination[done..<done + run.count]))
      done += run.count
    }
  }
}
