import Voxtile

/// Makes the bytes of tiles or strips: samples side by side, differences of neighbors, and a zlib stream.
///
/// ISA-L compresses several times as fast as what libtiff has, on as many threads as there are encoders. Not for use on two
/// threads at once; each thread has its own.
final class TIFFBlockEncoder {
  /// Samples of a page: its channels, each with some slices.
  struct Source {
    let samples: UnsafeRawBufferPointer
    /// Which of the slices the page is, and how many there are.
    let slice: Int
    let slices: Int
  }

  private let plan: TIFFPlan
  private let order: VoxelOrder
  private let deflate: DeflateBlock
  private let buffer: UnsafeMutableRawBufferPointer
  /// The bytes of the last block.
  private(set) var output: [UInt8] = []

  init(_ plan: TIFFPlan) {
    self.plan = plan
    order = VoxelOrder(
      scalarType: plan.info.scalarType, components: plan.header.samples, byteOrder: .native)
    deflate = DeflateBlock(plan.compression)
    buffer = .allocate(byteCount: plan.block.width * plan.block.height * plan.pixelByteCount, alignment: 16)
  }

  deinit { buffer.deallocate() }

  /// Encodes a block; the result is in ``output`` until the next one.
  ///
  /// - Parameter number: that of the block: from left to right, then from top to bottom.
  func encode(_ source: Source, block number: Int) {
    let (extent, block, size) = (plan.info.extent, plan.block, plan.pixelByteCount)
    let left = number % plan.blockColumns * block.width
    let top = number / plan.blockColumns * block.height
    let columns = left..<min(left + block.width, extent.width)
    let rows = top..<min(top + block.height, extent.height)
    // A tile is whole at the border too; what is beyond is 0. A strip ends there.
    let lines = plan.isTiled ? block.height : rows.count
    if columns.count < block.width || rows.count < lines {
      buffer.initializeMemory(as: UInt8.self, repeating: 0)
    }
    let area = extent.width * extent.height
    for row in rows {
      let start = (row - top) * block.width * size
      let line = UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + block.width * size])
      order.encode(
        source.samples, at: source.slice * area + row * extent.width + left, voxels: source.slices * area,
        into: UnsafeMutableRawBufferPointer(rebasing: line[..<(columns.count * size)]))
      if plan.hasPredictor { difference(line) }
    }
    let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<(lines * block.width * size)])
    deflate.compress(bytes)
    var checksum = Adler32()
    checksum.update(bytes)
    output = DeflateWrapper.zlib.header + deflate.output + GzipWriter.lastBlock + checksum.bytes
  }

  /// Replaces each sample of a line but the first by its difference from that of the pixel before.
  private func difference(_ line: UnsafeMutableRawBufferPointer) {
    switch plan.info.scalarType.byteCount {
    case 1: difference(line.bindMemory(to: UInt8.self))
    case 2: difference(line.bindMemory(to: UInt16.self))
    default: difference(line.bindMemory(to: UInt32.self))
    }
  }

  @inline(__always)
  private func difference<Number: FixedWidthInteger>(_ line: UnsafeMutableBufferPointer<Number>) {
    let samples = plan.header.samples
    guard line.count > samples else { return }
    for index in stride(from: line.count - 1, through: samples, by: -1) {
      line[index] = line[index] &- line[index - samples]
    }
  }
}
