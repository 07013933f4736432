import Testing
import VoxtileTestSupport

@testable import Voxtile

@Suite("copied rows") struct CopyRowsTests {
  @Test(
    "rows of any length are copied from and to any place, and nothing beside them is touched",
    arguments: [true, false])
  func rows(isReadSoon: Bool) {
    var random = SplitMix64(seed: 3)
    let source = (0..<8000).map { _ in UInt8.random(in: 0...200, using: &random) }
    for width in Array(1...70) + [96, 127, 128, 129, 144, 200, 1023, 1024, 1025] {
      for shift in 0..<17 {
        let block = RowBlock(
          rows: 7, count: width, source: shift * 3, sourceStride: width + 5, target: shift,
          targetStride: width + shift % 3)
        let before = [UInt8](repeating: 255, count: 7300)
        var expected = before
        for row in 0..<block.rows {
          expected.replaceSubrange(block.targetRange(ofRow: row), with: source[block.sourceRange(ofRow: row)])
        }
        var target = before
        var span = target.mutableSpan
        copyRows(block, from: source.span, into: &span, isReadSoon: isReadSoon)
        #expect(target == expected, "\(width) from \(shift)")
      }
    }
  }

  @Test("large patches are cut and copied into memory of others, and merge to the image")
  func largePatches() throws {
    let extent = Extent(width: 153, height: 120, depth: 150)
    let scan = try Volume(extent: extent, voxels: (0..<extent.voxelCount).map { Float($0 & 0xFFFF) })
    let grid = try PatchGrid(over: extent, patch: Extent(71), overlap: .voxels(30))
    #expect(grid.patch.voxelCount * 4 >= 1 << 20)
    var values = [Float](repeating: 0, count: extent.voxelCount)
    try values.withUnsafeMutableBufferPointer { memory in
      let merger = try MemoryMerger<Float>(
        grid: grid, settings: MergeSettings(blend: .average, jobs: Jobs(2)), into: memory)
      for patch in grid {
        let cut = scan.cut(patch, reusing: merger.takeSpent())
        #expect(cut == scan[patch])
        try merger.add(copying: cut.voxels.span, lying: .planar(cut.extent), at: patch)
      }
      try merger.checkComplete()
    }
    #expect(values == scan.voxels)
  }
}
