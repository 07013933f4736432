import Testing
import Voxtile
import VoxtileTestSupport

@Suite("LabelVote") struct LabelVoteTests {
  /// Five patches of one voxel width each over the middle of a row.
  private func winner(_ labels: [UInt16], weights: [Double]? = nil) throws -> UInt16 {
    let length = labels.count
    let grid = try PatchGrid(
      over: Extent(width: 2 * length - 1, height: 1), patch: Extent(width: length, height: 1),
      overlap: .voxels(length - 1))
    let profile = BlendProfile("given") { count, axis in
      // The middle voxel is the last of the first patch and the first of the last one.
      axis == .x ? (weights ?? [Double](repeating: 1, count: count)).reversed() : [1]
    }
    let merged: Volume<UInt16> = try merge(grid, .majority(profile)) {
      Volume<UInt16>(extent: $0.region.extent, repeating: labels[$0.index])
    }
    return merged[x: length - 1, y: 0]
  }

  @Test("the majority wins, not the mean")
  func majority() throws {
    #expect(try winner([1, 4, 4, 4, 1]) == 4)
    #expect(try winner([9, 9, 1, 1, 1]) == 1)
  }

  @Test("ties go to the lowest label, whoever voted first")
  func ties() throws {
    #expect(try winner([7, 3]) == 3)
    #expect(try winner([3, 7]) == 3)
    #expect(try winner([5, 2, 5, 2]) == 2)
    #expect(try winner([9, 8, 7]) == 7)
  }

  @Test("weights count")
  func weights() throws {
    #expect(try winner([1, 2, 2], weights: [5, 2, 2]) == 1)
    #expect(try winner([1, 2, 2], weights: [3, 2, 2]) == 2)
  }

  @Test("a weighted vote equals its slow reference, for every type of label")
  func reference() throws {
    func check<Label: VoxelScalar & Hashable>(_ type: Label.Type, _ random: inout SplitMix64) throws {
      let grid = try GridCase.random(sides: 1...6, using: &random).grid
      let patches = grid.map { Volume<Label>.random($0.region.extent, upTo: 3, using: &random) }
      let merged: Volume<Label> = try merge(grid, .majority(.triangular)) { patches[$0.index] }
      let naive = grid.map { NaivePatch(region: $0.region, values: patches[$0.index].voxels) }
      let expected = naiveVote(extent: grid.extent, patches: naive, fill: 0, ties: .smallest) {
        patch, offset in
        let extent = grid[patch].region.extent
        func ramp(_ index: Int, _ length: Int) -> Double { Double(min(index + 1, length - index)) }
        return ramp(offset.x, extent.width) * ramp(offset.y, extent.height) * ramp(offset.z, extent.depth)
      }
      #expect(merged.voxels == expected, "\(random) \(type)")
    }
    for var random in SplitMix64.cases(40, from: 7000) {
      try check(UInt8.self, &random)
      try check(Int32.self, &random)
      try check(UInt64.self, &random)
      try check(Float.self, &random)
    }
  }
}
