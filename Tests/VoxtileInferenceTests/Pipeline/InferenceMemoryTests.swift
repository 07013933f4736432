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
    let band = PredictionBand.byteCount(of: grid, channels: classes, needsSums: false)
    return try InferenceMemory.plan(
      InferenceSizes(
        grid: grid, source: ScanSource([Claim(info: info, isRandomAccess: isRandomAccess)]),
        batchBytes: 4 * (classes + 1) * grid.patch.voxelCount, copyBytes: 0, bandBytes: band,
        outputSliceBytes: 512 * 512 * 4,
        bandSliceBytes: band / 32),
      limit: limit)
  }

  @Test("without a limit everything is held, and the file is cut row by row")
  func unlimited() throws {
    let plan = try plan(nil)
    #expect(plan.memory.holdsScan && plan.memory.step == .row && plan.scratch == 0)
    // 32 slices of 104 classes are 3.5 GB.
    #expect(
      plan.memory.residentBandBytes == 32 * 104 * 512 * 512 * 4 && plan.peak > plan.memory.residentBandBytes)
  }

  @Test("the lower the limit, the less is held, and never more than the limit")
  func limited() throws {
    var scratch = 0
    for megabytes in stride(from: 6000, through: 400, by: -100) {
      for isRandomAccess in [true, false] {
        let plan = try plan(megabytes << 20, isRandomAccess: isRandomAccess)
        #expect(plan.peak <= megabytes << 20)
        guard isRandomAccess else { continue }
        #expect(plan.scratch >= scratch)
        scratch = plan.scratch
        if plan.scratch > 0 { #expect(plan.memory.residentBandBytes < 32 * 104 * 512 * 512 * 4) }
      }
    }
    #expect(scratch == 32 * 104 * 512 * 512 * 4)
  }

  @Test("a compressed file goes to scratch too, where it is read in boxes")
  func compressed() throws {
    let plain = try plan(200 << 20, classes: 2)
    let packed = try plan(200 << 20, classes: 2, isRandomAccess: false)
    #expect(plain.scratch == 0 && packed.memory == plain.memory)
    #expect(packed.scratch == (packed.memory.step == .layer ? 0 : 512 * 512 * 600 * 2))
  }

  @Test("a limit that is too low is refused with the least that will do, which does")
  func tooLow() throws {
    let error = try OnnxTestModels.error { try plan(64 << 20) }
    #expect(error.code == .invalidOption && error.context.found == "64 MiB")
    let least = try #require(error.context.expected?.split(separator: " ").compactMap { Int($0) }.first)
    #expect(try plan(least << 20).peak <= least << 20)
    #expect(throws: VoxtileError.self) { try plan((least - 2) << 20) }
  }
}
