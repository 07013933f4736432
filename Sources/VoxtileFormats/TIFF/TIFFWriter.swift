import Synchronization
import Voxtile

/// A TIFF being written slab by slab: each slice becomes a page for each channel and time point.
final class TIFFWriter: SummedFileWriter {
  let info: VolumeInfo
  private let file: AtomicFile
  private let plan: TIFFPlan
  private let isSummed: Bool
  private let state: Mutex<State>

  private struct State {
    var nextSlice = 0
    /// `nil` after the last page.
    var tiff: TIFFFile?
    var checksum: UInt32?
  }

  /// - Parameter isSummed: whether ``fileChecksum`` will be asked for.
  init(_ plan: TIFFPlan, file: AtomicFile, summed isSummed: Bool) throws(VoxtileError) {
    self.isSummed = isSummed
    info = plan.info
    self.plan = plan
    self.file = file
    state = Mutex(State(tiff: try TIFFFile(writing: file, isBig: plan.isBig)))
  }

  func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
    let region = Region(x: 0..<info.extent.width, y: 0..<info.extent.height, z: slices)
    precondition(
      slab.count == info.byteCount(of: region),
      "slices \(slices) have \(info.byteCount(of: region)) bytes, not \(slab.count)")
    try state.withLock { state in
      precondition(slices.lowerBound == state.nextSlice, "slabs come in ascending order without gaps")
      state.nextSlice = slices.upperBound
      guard let tiff = state.tiff else { return }
      let planes = plan.header.channels * plan.header.frames
      do throws(VoxtileError) {
        for slice in slices {
          for plane in 0..<planes {
            try plan.setFields(of: tiff, isFirst: slice == 0 && plane == 0)
            try writeBlocks(
              UnsafeRawBufferPointer(
                rebasing: slab[plane * slab.count / planes..<(plane + 1) * slab.count / planes]),
              slice: slice - slices.lowerBound, of: slices.count, to: tiff)
            try tiff.finishPage()
          }
        }
      } catch {
        throw error.inFile(file.path)
      }
    }
  }

  /// Writes the blocks of one page.
  ///
  /// - Parameter samples: the channels of the page's samples, each with some slices.
  private func writeBlocks(
    _ samples: UnsafeRawBufferPointer, slice: Int, of slices: Int, to tiff: TIFFFile
  ) throws(VoxtileError) {
    let (extent, block, size) = (info.extent, plan.block, plan.pixelByteCount)
    let order = VoxelOrder(
      scalarType: info.scalarType, components: plan.header.samples, byteOrder: .native)
    let area = extent.width * extent.height
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: block.width * block.height * size, alignment: 16)
    defer { buffer.deallocate() }
    var number = 0
    for top in stride(from: 0, to: extent.height, by: block.height) {
      let rows = top..<min(top + block.height, extent.height)
      for left in stride(from: 0, to: extent.width, by: block.width) {
        let columns = left..<min(left + block.width, extent.width)
        // The rest of a tile at the border.
        if columns.count < block.width || rows.count < block.height {
          buffer.initializeMemory(as: UInt8.self, repeating: 0)
        }
        for row in rows {
          let start = (row - top) * block.width * size
          order.encode(
            samples, at: slice * area + row * extent.width + left, voxels: slices * area,
            into: UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + columns.count * size]))
        }
        let used = plan.isTiled ? buffer.count : rows.count * block.width * size
        try tiff.writeBlock(
          number, isTile: plan.isTiled, from: UnsafeMutableRawBufferPointer(rebasing: buffer[..<used]))
        number += 1
      }
    }
  }

  var fileChecksum: UInt32? { state.withLock { $0.checksum } }

  func finish() throws {
    try state.withLock { state in
      precondition(
        state.nextSlice == info.extent.depth,
        "\(state.nextSlice) of \(info.extent.depth) slices have been written")
      // Closed, before the file that it writes to is.
      state.tiff = nil
      // libtiff goes back to link one page to the next, so that bytes cannot be summed as they come.
      if isSummed { state.checksum = try file.checksumOfContent() }
    }
    try file.commit()
  }
}

extension AtomicFile {
  /// The CRC-32 of what has been written, which is read back from the cache of the system.
  fileprivate func checksumOfContent() throws(VoxtileError) -> UInt32 {
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { chunk.deallocate() }
    var (sum, offset) = (CRC32(), 0)
    while true {
      let count = try read(at: offset, into: chunk)
      sum.update(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
      offset += count
      if count < chunk.count { return sum.value }
    }
  }
}
