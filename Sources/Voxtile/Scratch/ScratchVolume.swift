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

  /// Copies a whole image into a scratch file, in one pass of slabs of about 16 MiB.
  ///
  /// - Parameters:
  ///   - reader: the image.
  ///   - check: called before each slab; what it throws ends the copy.
  package init(copying reader: any VolumeReader, check: () throws -> Void = {}) throws {
    let info = reader.info
    self.init(info, in: try ScratchFile())
    let slice = Region(x: 0..<info.extent.width, y: 0..<info.extent.height, z: 0..<1)
    let slices = max(1, (16 << 20) / max(1, info.byteCount(of: slice)))
    for first in stride(from: 0, to: info.extent.depth, by: slices) {
      let region = Region(
        x: slice.x, y: slice.y, z: first..<min(first + slices, info.extent.depth))
      try check()
      let byteCount = info.byteCount(of: region)
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 16)
      defer { buffer.deallocate() }
      try reader.read(region, into: buffer)
      try write(UnsafeRawBufferPointer(buffer), region: region)
    }
  }

  /// Writes one box of all channels, in the order `(channels, depth, height, width)`.
  ///
  /// - Precondition: the box lies inside the image and the bytes are its bytes.
  package func write(_ bytes: UnsafeRawBufferPointer, region: Region) throws(VoxtileError) {
    precondition(bytes.count == info.byteCount(of: region), "the bytes are those of the box")
    var done = 0
    for run in layout.runs(of: region) {
      try file.write(
        UnsafeRawBufferPointer(rebasing: bytes[done..<done + run.count]), at: run.lowerBound)
      done += run.count
    }
  }

  /// Reads a box of all channels.
  package func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    precondition(destination.count == info.byteCount(of: region), "the destination has the box's size")
    var done = 0
    for run in layout.runs(of: region) {
      try file.read(
        at: run.lowerBound,
        into: UnsafeMutableRawBufferPointer(rebasing: destination[done..<done + run.count]))
      done += run.count
    }
  }
}
