import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileInference

/// What is held where, for a limit.
@Suite("InferenceMemory") struct InferenceMemoryTests {
  /// A file that is large only in what it says of itself.
  private struct Claim: VolumeReader {
    var info: VolumeInfo
    var isRandomAccess: Bool
    func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
      destination.initializeMemory(as: UInt8.self, repeating: 0)
    }
  }

  private func plan(
    _ limit: Int?, classes: Int = 104, isRandomAccess: Bool = true, patch: Int = 32
  ) throws -> (memory: InferenceMemory, peak: Int, scratch: Int) {
    let extent = Extent(width: 512, height: 512, depth: 600)
    let info = VolumeInfo(extent: extent, scalarType: .int16)
    let grid = try PatchGrid(over: extent, patch: Extent(patch), overlap: .fraction(0.5))
    let geometry = MergeSchedule(grid)
    let row = geometry.rowBytes(planes: classes)
    return try InferenceMemory.plan(
      InferenceSizes(
        grid: grid, source: ScanSource([Claim(info: info, isRandomAccess: isRandomAccess)]),
        batch: 4 * (classes + 1) * grid.patch.voxelCount, copies: 0,
        merging: MergeSizes(
          row: row, rowSlice: row / geometry.deepestLayer, carry: geometry.carryBytes(planes: classes),
          output: geometry.maxFinishedSlices * 512 * 512 * 4, outputSlices: geometry.maxFinishedSlices,
          kinds: 1)),
      limit: limit)
  }

  /// What one layer of 104 classes hands on to the next: 16 slices.
  private static let carry = 16 * 104 * 512 * 512 * 4

  @Test("without a limit the sums are held, and the file is read once")
  func unlimited() throws {
    let plan = try plan(nil)
    #expect(!plan.memory.holdsScan && plan.memory.step == .layer && plan.scratch == 0)
    #expect(plan.memory.carriesInMemory && plan.peak > Self.carry)
  }

  @Test("the lower the limit, the less is held, and never more than the limit")
  func limited() throws {
    var scratch = 0
    for megabytes in stride(from: 6000, through: 500, by: -100) {
      for isRandomAccess in [true, false] {
        let plan = try plan(megabytes << 20, isRandomAccess: isRandomAccess)
        #expect(plan.peak <= megabytes << 20)
        guard isRandomAccess else { continue }
        #expect(plan.scratch >= scratch)
        scratch = plan.scratch
        #expect(plan.memory.carriesInMemory == (plan.scratch == 0))
      }
    }
    #expect(scratch >= Self.carry)
  }

  @Test("a compressed file goes to scratch too, where it is read in boxes")
  func compressed() throws {
    let plain = try plan(200 << 20, classes: 2)
    let packed = try plan(200 << 20, classes: 2, isRandomAccess: false)
    #expect(plain.scratch == 0 && packed.memory == plain.memory)
    #expect(packed.scratch == (packed.memory.step == .layer ? 0 : 512 * 512 * 600 * 2))
  }

  @Test("a limit that is too low is refused with the smallest that works")
  func tooLow() async throws {
    let error = try await OnnxTestModels.error { try plan(64 << 20) }
    #expect(error.code == .memoryTooLow && error.context.found == "64 MiB")
    let least = try #require(error.context.expected?.split(separator: " ").compactMap { Int($0) }.first)
    #expect(try plan(least << 20).peak <= least << 20)
    #expect(throws: VoxtileError.self) { try plan((least - 2) << 20) }
  }
}
