import Testing
import Voxtile
import VoxtileTestSupport

@Suite("RegionMerger") struct RegionMergerTests {
  @Test("any box, merged from parts of patches, is that box of the whole merge, bit for bit")
  func boxes() throws {
    for var random in SplitMix64.cases(60, from: 8000) {
      let grid = try GridCase.random(sides: 1...8, using: &random).grid
      let patches = try grid.map { patch in
        try randomVolume(patch.region.extent, channels: 2, as: Float.self, using: &random)
      }
      let region = randomRegion(in: grid.extent, using: &random)
      for (name, blend) in allBlends {
        let whole: Volume<Float> = try merge(grid, blend, fill: 9) { patches[$0.index] }
        let merger = try RegionMerger<Float>(
          grid: grid, settings: MergeSettings(blend: blend, fill: 9, jobs: Jobs(2)))
        let box = try merger.merge(region, channels: 2, of: Float.self) { patch, part in
          patches[patch.index][Region(origin: part.origin - patch.region.origin, extent: part.extent)]
        }
        #expect(sameBits(box, whole[region]), "\(random) \(name) \(region)")
      }
    }
  }

  @Test("a part of another shape is refused, and what the reader throws comes through")
  func failures() throws {
    struct Unreadable: Error {}
    let grid = try PatchGrid(over: Extent(7), patch: Extent(4), overlap: .voxels(1))
    let merger = try RegionMerger<Float>(grid: grid, settings: MergeSettings(blend: .average))
    let error = #expect(throws: VoxtileError.self) {
      try merger.merge(Region(grid.extent), channels: 1, of: Float.self) { _, _ in
        Volume<Float>(extent: Extent(1))
      }
    }
    #expect(error?.code == .shapeMismatch)
    #expect(throws: Unreadable.self) {
      try merger.merge(Region(grid.extent), channels: 1, of: Float.self) { _, _ in throw Unreadable() }
    }
  }

  private func randomRegion(in extent: Extent, using random: inout SplitMix64) -> Region {
    func range(_ length: Int) -> Range<Int> {
      let start = Int.random(in: 0..<length, using: &random)
      return start..<Int.random(in: start + 1...length, using: &random)
    }
    return Region(x: range(extent.width), y: range(extent.height), z: range(extent.depth))
  }

  @Test("an empty box merges to an empty volume, and nothing is read")
  func emptyBox() throws {
    let grid = try PatchGrid(over: Extent(6), patch: Extent(4), overlap: .voxels(2))
    let merger = try RegionMerger<UInt8>(grid: grid, settings: MergeSettings(blend: .average))
    for empty in [
      Region(x: 2..<2, y: 0..<6, z: 0..<6), Region(x: 0..<6, y: 3..<3, z: 0..<6),
      Region(x: 0..<6, y: 0..<6, z: 6..<6),
    ] {
      let merged = try merger.merge(empty, channels: 2, of: UInt8.self) { patch, _ in
        throw VoxtileError(.fileAccess, "\(patch) was read")
      }
      #expect(merged.voxels.isEmpty && merged.extent == empty.extent && merged.channels == 2)
    }
  }
}
