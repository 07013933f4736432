import Dispatch
import Synchronization
import Voxtile

/// A TIFF being written slab by slab: each slice becomes a page for each channel and time point.
final class TIFFWriter: SummedFileWriter {
  let info: VolumeInfo
  private let file: AtomicFile
  private let plan: TIFFPlan
  private let isSummed: Bool
  /// One for each thread, used while the state is locked.
  private nonisolated(unsafe) let encoders: [TIFFBlockEncoder]
  private let state: Mutex<State>

  private struct State {
    var nextSlice = 0
    /// `nil` after the last page.
    var tiff: TIFFFile?
    var checksum: UInt32?
  }

  init(_ plan: TIFFPlan, file: AtomicFile, options: WriteOptions) throws(VoxtileError) {
    isSummed = options.isSummed
    encoders = (0..<max(1, min(options.jobs, plan.blockCount, 64))).map { _ in TIFFBlockEncoder(plan) }
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
      let planeBytes = slab.count / planes
      do throws(VoxtileError) {
        for slice in slices {
          for plane in 0..<planes {
            try plan.setFields(of: tiff, isFirst: slice == 0 && plane == 0)
            let samples = UnsafeRawBufferPointer(
              rebasing: slab[plane * planeBytes..<(plane + 1) * planeBytes])
            try writeBlocks(
              .init(samples: samples, slice: slice - slices.lowerBound, slices: slices.count), to: tiff)
            try tiff.finishPage()
          }
        }
      } catch {
        throw error.inFile(file.path)
      }
    }
  }

  /// Writes the blocks of one page; as many are encoded at once as there are encoders.
  private func writeBlocks(
    _ source: TIFFBlockEncoder.Source, to tiff: TIFFFile
  ) throws(VoxtileError) {
    // Each iteration has an encoder of its own, and all of them only read the source.
    nonisolated(unsafe) let source = source
    for first in stride(from: 0, to: plan.blockCount, by: encoders.count) {
      let count = min(encoders.count, plan.blockCount - first)
      if count == 1 {
        encoders[0].encode(source, block: first)
      } else {
        DispatchQueue.concurrentPerform(iterations: count) { index in
          encoders[index].encode(source, block: first + index)
        }
      }
      for index in 0..<count {
        try tiff.writeBlock(first + index, isTile: plan.isTiled, encoders[index].output)
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
