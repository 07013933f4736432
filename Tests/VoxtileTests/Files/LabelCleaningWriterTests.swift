import Synchronization
import Testing
import VoxtileTestSupport

@testable import Voxtile

@Suite("Cleaning labels while they are written") struct LabelCleaningWriterTests {
  /// Collects slices and parts of slices, and checks that they come in order.
  private final class RowCollector: VolumeWriter {
    private struct State {
      var voxels: [Int16] = []
      var partsOfSlices = 0
      var isFinished = false
    }

    let info: VolumeInfo
    private let state = Mutex(State())

    init(_ info: VolumeInfo) { self.info = info }

    var voxels: [Int16] { state.withLock { $0.voxels } }
    var partsOfSlices: Int { state.withLock { $0.partsOfSlices } }
    var isFinished: Bool { state.withLock { $0.isFinished } }

    func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
      state.withLock { state in
        #expect(state.voxels.count == slices.lowerBound * info.extent.width * info.extent.height)
        state.voxels += slab.bindMemory(to: Int16.self)
      }
    }

    func writeRows(_ rows: UnsafeRawBufferPointer, _ range: Range<Int>, ofSlice slice: Int) throws {
      state.withLock { state in
        #expect(
          state.voxels.count == (slice * info.extent.height + range.lowerBound) * info.extent.width)
        state.voxels += rows.bindMemory(to: Int16.self)
        state.partsOfSlices += 1
      }
    }

    func finish() throws { state.withLock { $0.isFinished = true } }
  }

  private func info(_ labels: Volume<Int16>) -> VolumeInfo {
    VolumeInfo(extent: labels.extent, channels: 1, scalarType: .int16)
  }

  /// Writes a map in slabs of random sizes, whole or in parts of slices.
  private func write(
    _ labels: Volume<Int16>, to writer: some VolumeWriter, inRows: Bool, _ random: inout SplitMix64
  ) throws {
    let (extent, voxels) = (labels.extent, labels.voxels)
    let rowsAtOnce = inRows ? 1...extent.height : 1...extent.depth
    var start = 0
    while start < (inRows ? extent.height * extent.depth : extent.depth) {
      var count = Int.random(in: rowsAtOnce, using: &random)
      if inRows {
        count = min(count, extent.height - start % extent.height)
        let part = Array(voxels[(start * extent.width)..<(start + count) * extent.width])
        let y = start % extent.height
        try part.withUnsafeBytes {
          try writer.writeRows($0, y..<y + count, ofSlice: start / extent.height)
        }
      } else {
        count = min(count, extent.depth - start)
        let slice = extent.width * extent.height
        let part = Array(voxels[(start * slice)..<(start + count) * slice])
        try part.withUnsafeBytes { try writer.write($0, slices: start..<start + count) }
      }
      start += count
    }
    try writer.finish()
  }

  @Test("any slabs or rows give the map that is cleaned as a whole, and count what changed")
  func likeTheWhole() throws {
    for var random in SplitMix64.cases(200, from: 2900) {
      let labels = try LabelCase.random(sides: 1...9, using: &random)
      var cleaning = LabelCleaning()
      cleaning.minimumVoxelCount = Int.random(in: 0...4, using: &random)
      if Bool.random(using: &random) { cleaning.labelsKeptLargest = .some([1, 3]) }
      if Bool.random(using: &random) { cleaning.labelsFilled = .all }
      let wanted = try cleaning.applied(
        to: LabelRows(of: VolumeInMemory(labels)), isPlanar: labels.extent.isPlanar)
      var expected = [Int16](repeating: -1, count: labels.extent.voxelCount)
      expected.withUnsafeMutableBytes { wanted.copy(Region(labels.extent), to: $0, as: .int16) }

      let inRows = Bool.random(using: &random)
      let collector = RowCollector(info(labels))
      let writer = try LabelCleaningWriter(cleaning, to: collector)
      #expect(writer.findings == .init())
      try write(labels, to: writer, inRows: inRows, &random)
      #expect(collector.voxels == expected && collector.isFinished)
      let removed = zip(labels.voxels, expected).count { $0 != 0 && $1 == 0 }
      let filled = zip(labels.voxels, expected).count { $0 == 0 && $1 != 0 }
      // A voxel that was removed may lie in a hole that is then filled, and counts as both.
      #expect(writer.findings.removedVoxels - removed == writer.findings.filledVoxels - filled)
      #expect(writer.findings.removedVoxels >= removed)
      if cleaning.labelsFilled == nil { #expect(writer.findings.removedVoxels == removed) }
    }
  }

  @Test("a large slice is written in parts only where it came in parts")
  func parts() throws {
    var random = SplitMix64(seed: 1)
    // Twice the size of a slab.
    let labels = Volume<Int16>(extent: Extent(width: 4096, height: 1024), repeating: 2)
    for inRows in [false, true] {
      let collector = RowCollector(info(labels))
      try write(labels, to: LabelCleaningWriter(LabelCleaning(), to: collector), inRows: inRows, &random)
      #expect(collector.voxels.count == labels.voxels.count)
      #expect((collector.partsOfSlices > 1) == inRows)
    }
  }

  @Test("too many parts for the memory, and several channels, are errors")
  func errors() throws {
    var random = SplitMix64(seed: 2)
    let labels = try Volume<Int16>(
      extent: Extent(width: 64, height: 8, depth: 8), voxels: (0..<4096).map { Int16($0 % 2) })
    let writer = try LabelCleaningWriter(
      LabelCleaning(), to: RowCollector(info(labels)), maximumByteCount: 100_000)
    #expect(throws: VoxtileError.self) { try write(labels, to: writer, inRows: false, &random) }
    let enough = try LabelCleaningWriter(
      LabelCleaning(), to: RowCollector(info(labels)), maximumByteCount: 1_000_000)
    try write(labels, to: enough, inRows: false, &random)
    let two = VolumeInfo(extent: labels.extent, channels: 2, scalarType: .int16)
    let error = #expect(throws: VoxtileError.self) {
      _ = try LabelCleaningWriter(LabelCleaning(), to: RowCollector(two))
    }
    #expect(error?.code == .shapeMismatch)
  }
}
