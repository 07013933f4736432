import Voxtile

/// Decodes the blocks of one page that a box touches.
struct TIFFPageDecoder {
  /// Where the samples of a box of a page go.
  struct Target {
    /// The channels of the page's samples, one after another.
    let bytes: UnsafeMutableRawBufferPointer
    /// The voxel of each channel at which the box of this page begins.
    let first: Int
    /// Voxels of a channel.
    let voxels: Int
  }

  private let page: TIFFPage
  private let file: TIFFFile
  private let reader: Int
  private let number: Int
  private var pixels: TIFFPixels { page.pixels }
  private var blocks: TIFFBlocks { page.blocks }

  /// - Parameters:
  ///   - page: the page.
  ///   - file: a handle that nobody else uses.
  ///   - reader: the number of the reader, under which blocks are kept.
  ///   - number: that of the page.
  init(_ page: TIFFPage, _ file: TIFFFile, reader: Int, number: Int) {
    self.page = page
    self.file = file
    self.reader = reader
    self.number = number
  }

  /// Reads a box.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` in libtiff's words where a block cannot be decoded.
  func read(x: Range<Int>, y: Range<Int>, into target: Target) throws(VoxtileError) {
    let columns = x.lowerBound / blocks.width...(x.upperBound - 1) / blocks.width
    let rows = y.lowerBound / blocks.height...(y.upperBound - 1) / blocks.height
    let side = blocks.samplesSideBySide(pixels)
    let order = VoxelOrder(scalarType: pixels.scalarType, components: side, byteOrder: .native)
    for sample in 0..<(blocks.isPlanar ? pixels.samples : 1) {
      let channel = sample * target.voxels * pixels.scalarType.byteCount
      let bytes = UnsafeMutableRawBufferPointer(rebasing: target.bytes[channel...])
      for row in rows {
        for column in columns {
          let index = (sample * blocks.rows + row) * blocks.columns + column
          let block = try block(index, row: row)
          let (left, top) = (column * blocks.width, row * blocks.height)
          let xs = x.clamped(to: left..<min(left + blocks.width, pixels.width))
          for line in y.clamped(to: top..<min(top + blocks.height, pixels.height)) {
            let place = target.first + (line - y.lowerBound) * x.count + xs.lowerBound - x.lowerBound
            copy(block, line: line - top, xs.lowerBound - left..<xs.upperBound - left, order) { samples in
              order.separate(samples, into: bytes, at: place, voxels: target.voxels)
            }
          }
        }
      }
    }
  }

  /// Gives the samples of some pixels of a line of a block, one byte or more each.
  private func copy(
    _ block: [UInt8], line: Int, _ columns: Range<Int>, _ order: VoxelOrder,
    _ body: (UnsafeRawBufferPointer) -> Void
  ) {
    block.withUnsafeBytes { bytes in
      let rowBytes = pixels.rowByteCount(pixels: blocks.width, samples: order.components)
      let row = UnsafeRawBufferPointer(rebasing: bytes[line * rowBytes..<(line + 1) * rowBytes])
      if pixels.bits >= 8 {
        let size = order.voxelByteCount
        return body(
          UnsafeRawBufferPointer(rebasing: row[columns.lowerBound * size..<columns.upperBound * size]))
      }
      let samples = columns.lowerBound * order.components..<columns.upperBound * order.components
      withUnsafeTemporaryAllocation(byteCount: samples.count, alignment: 16) { unpacked in
        for (index, sample) in samples.enumerated() { unpacked[index] = packedSample(sample, in: row) }
        body(UnsafeRawBufferPointer(unpacked))
      }
    }
  }

  /// One sample of 1, 2 or 4 bits; the leftmost is in the high bits.
  private func packedSample(_ index: Int, in row: UnsafeRawBufferPointer) -> UInt8 {
    let bit = index * pixels.bits
    let shift = 8 - pixels.bits - bit % 8
    return row[bit / 8] >> UInt8(shift) & UInt8(1 << pixels.bits - 1)
  }

  /// A decoded block, as it is kept or from the file.
  private func block(_ index: Int, row: Int) throws(VoxtileError) -> [UInt8] {
    let key = TIFFBlockCache.Key(reader: reader, page: number, block: index)
    if let kept = TIFFBlockCache.shared[key] { return kept }
    try file.goToPage(at: page.offset)
    let byteCount = blocks.byteCount(row: row, pixels)
    let stored = min(Int(clamping: file.blockByteCount(index)), file.byteCount)
    guard stored > 0, byteCount / blocks.compression.largestRatio <= stored else {
      throw .tiff(
        "\(blocks.isTiled ? "tile" : "strip") \(index) of a page has \(stored) bytes, too few for its pixels")
    }
    var failure: VoxtileError?
    let block = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initialized in
      let bytes = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<byteCount])
      do throws(VoxtileError) {
        try file.readBlock(index, isTile: blocks.isTiled, into: bytes)
        initialized = byteCount
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    TIFFBlockCache.shared.keep(block, as: key)
    return block
  }
}
