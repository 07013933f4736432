import Voxtile

/// An image whose voxels lie in a file with z as the fastest axis and x as the slowest, as an array of NumPy in Fortran order
/// has them.
///
/// The whole image is turned block by block. The first box that is not the whole has it turned once into a scratch file, from
/// which all boxes are read; so it costs one pass, as that of a compressed file does.
final class TransposedReader: FileBackedReader {
  let info: VolumeInfo
  private let stored: RawVoxelReader
  private let layout: VoxelLayout
  private let turned: UnpackedImage

  private static let blockByteCount = 16 << 20

  /// - Parameters:
  ///   - stored: reads the file as if z were x.
  ///   - info: what the image is.
  init(_ stored: RawVoxelReader, _ info: VolumeInfo) {
    self.stored = stored
    self.info = info
    turned = UnpackedImage(info)
    layout = VoxelLayout(
      extent: info.extent, planes: info.channels, voxelByteCount: info.scalarType.byteCount, offset: 0)
  }

  /// The size of an image as the file has it.
  static func turned(_ extent: Extent) -> Extent {
    Extent(width: extent.depth, height: extent.height, depth: extent.width)
  }

  /// No: the first box costs the whole file.
  var isRandomAccess: Bool { false }

  func checkUnchanged() throws(VoxtileError) { try stored.checkUnchanged() }

  func releaseBuffers() { stored.releaseBuffers() }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    precondition(
      destination.count == info.byteCount(of: region),
      "the destination has \(destination.count) bytes, \(region) needs \(info.byteCount(of: region))")
    if region.extent == info.extent {
      return try forEachRow { (block, row, range) throws(VoxtileError) in
        block.copyRow(row, to: UnsafeMutableRawBufferPointer(rebasing: destination[range]))
      }
    }
    try turned.read(region, into: destination) { (scratch) throws(VoxtileError) in try turn(into: scratch) }
  }

  private func turn(into scratch: ScratchFile) throws(VoxtileError) {
    let row = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(1, info.extent.width * layout.voxelByteCount), alignment: 16)
    defer { row.deallocate() }
    try forEachRow { (block, index, range) throws(VoxtileError) in
      let part = UnsafeMutableRawBufferPointer(rebasing: row[..<range.count])
      block.copyRow(index, to: part)
      try scratch.write(UnsafeRawBufferPointer(part), at: range.lowerBound)
    }
  }

  /// Calls a body with each row of each block, and with the bytes that it is in the turned image.
  private func forEachRow(
    _ body: (TransposedBlock, _ row: Int, _ range: Range<Int>) throws(VoxtileError) -> Void
  ) throws(VoxtileError) {
    let (extent, size) = (info.extent, layout.voxelByteCount)
    try forEachBlock { (block, x) throws(VoxtileError) in
      for row in 0..<extent.height * extent.depth * info.channels {
        let first = (row * extent.width + x.lowerBound) * size
        try body(block, row, first..<first + x.count * size)
      }
    }
  }

  /// Reads the file in blocks of columns.
  private func forEachBlock(
    _ body: (TransposedBlock, _ x: Range<Int>) throws(VoxtileError) -> Void
  ) throws(VoxtileError) {
    let extent = info.extent
    let column = max(1, extent.height * extent.depth * info.channels * layout.voxelByteCount)
    let step = max(1, min(extent.width, Self.blockByteCount / column))
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: step * column, alignment: 16)
    defer { memory.deallocate() }
    for first in stride(from: 0, to: extent.width, by: step) {
      let x = first..<min(first + step, extent.width)
      let part = UnsafeMutableRawBufferPointer(rebasing: memory[..<(x.count * column)])
      try stored.readVoxels(Region(x: 0..<extent.depth, y: 0..<extent.height, z: x), into: part)
      try body(
        TransposedBlock(
          voxels: UnsafeRawBufferPointer(part),
          extent: Extent(width: x.count, height: extent.height, depth: extent.depth),
          byteCount: layout.voxelByteCount), x)
    }
  }
}

/// Voxels in the order `(channels, width, height, depth)`.
private struct TransposedBlock {
  let voxels: UnsafeRawBufferPointer
  let extent: Extent
  /// Bytes of one voxel of one channel.
  let byteCount: Int

  /// Copies a row: all x of one y, z and channel, where rows are counted in the order `(channels, depth, height)`.
  func copyRow(_ row: Int, to target: UnsafeMutableRawBufferPointer) {
    let (y, z) = (row % extent.height, row / extent.height % extent.depth)
    let channel = row / (extent.height * extent.depth)
    let first = (channel * extent.width * extent.height + y) * extent.depth + z
    let distance = extent.height * extent.depth
    switch byteCount {
    case 1: copy(UInt8.self, from: first, every: distance, to: target)
    case 2: copy(UInt16.self, from: first, every: distance, to: target)
    case 4: copy(UInt32.self, from: first, every: distance, to: target)
    default: copy(UInt64.self, from: first, every: distance, to: target)
    }
  }

  @inline(__always)
  private func copy<Number: BitwiseCopyable>(
    _ type: Number.Type, from first: Int, every distance: Int, to target: UnsafeMutableRawBufferPointer
  ) {
    for x in 0..<extent.width {
      let number = voxels.loadUnaligned(
        fromByteOffset: (first + x * distance) * MemoryLayout<Number>.size, as: Number.self)
      target.storeBytes(of: number, toByteOffset: x * MemoryLayout<Number>.size, as: Number.self)
    }
  }
}
