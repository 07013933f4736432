import Testing
import Voxtile
import VoxtileTestSupport

@Suite("Coverage") struct CoverageTests {
  /// Compares everything a coverage says with a volume of counts.
  private func check(_ problem: GridCase, _ note: String) throws {
    let grid = try problem.grid
    let coverage = grid.coverage
    let regions = try problem.naiveRegions
    let counts = naiveCoverage(extent: problem.extent, regions: regions)

    #expect(problem.extent.positions.map { coverage.count(at: $0) } == counts, "\(note)")
    #expect(coverage.imageVoxels == counts.count, "\(note)")
    #expect(coverage.coveredVoxels == counts.count { $0 > 0 }, "\(note)")
    #expect(coverage.lostVoxels == counts.count { $0 == 0 }, "\(note)")
    let histogram = counts.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    #expect(coverage.histogram == histogram, "\(note)")
    #expect(coverage.histogram.values.reduce(0, +) == counts.count, "\(note)")
    let patchVoxels = regions.reduce(0) { $0 + $1.extent.width * $1.extent.height * $1.extent.depth }
    #expect(coverage.patchVoxels == patchVoxels, "\(note)")
    #expect(coverage.redundancy == Double(patchVoxels) / Double(counts.count), "\(note)")
  }

  @Test("equals counting every voxel, for every policy on every small box", arguments: EdgePolicy.allCases)
  func smallBoxes(edge: EdgePolicy) throws {
    var random = SplitMix64(seed: 800)
    for extent in Extent.all(upTo: 3) {
      for patch in Extent.all(upTo: 3) {
        let fits = Axis.allCases.allSatisfy { patch[$0] <= extent[$0] }
        if !fits && [.shift, .discard, .balance].contains(edge) { continue }
        let overlap = patch.sizes.map { _, length in
          Overlap.voxels(.random(in: 0..<length, using: &random))
        }
        let settings = GridSettings(patch: patch, overlap: overlap, edge: PerAxis(edge))
        try check(GridCase(extent: extent, settings: settings), "\(extent), \(patch), \(overlap), \(edge)")
      }
    }
  }

  @Test("equals counting every voxel where each axis has its own policy")
  func mixedPolicies() throws {
    for var random in SplitMix64.cases(100, from: 900) {
      try check(GridCase.random(sides: 1...6, using: &random), "\(random)")
    }
  }

  @Test("uncovered runs are those of the axes")
  func uncovered() throws {
    let grid = try PatchGrid(
      over: Extent(width: 10, height: 9, depth: 8), patch: Extent(4), overlap: .voxels(1), edge: .discard)
    #expect(grid.coverage.uncovered == PerAxis(x: [], y: [7..<9], z: [7..<8]))
    #expect(grid.coverage.lostVoxels == 720 - 10 * 7 * 7)
  }

  @Test("without overlap in a grid that fits, every voxel is held once and nothing is redundant")
  func once() throws {
    let grid = try PatchGrid(over: Extent(12), patch: Extent(4), overlap: .voxels(0))
    #expect(grid.coverage.histogram == [1: 1728])
    #expect(grid.coverage.redundancy == 1)
  }

  @Test("where 2x2x2 patches meet, a voxel is held eight times")
  func corner() throws {
    let grid = try PatchGrid(over: Extent(160), patch: Extent(96), overlap: .voxels(32))
    #expect(grid.coverage.lostVoxels == 0)
    #expect(grid.coverage.count(at: Position(x: 64, y: 64, z: 64)) == 8)
    #expect(grid.coverage.histogram[8] == 32_768)
  }
}
