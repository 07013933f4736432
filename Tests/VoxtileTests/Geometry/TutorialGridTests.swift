import Testing
import Voxtile
import VoxtileTestSupport

/// The tutorial's crop is our `discard`: in 2D with x fastest, in 3D with z fastest, because its
/// first array axis is the slice.
@Suite("The tutorial's grids") struct TutorialGridTests {
  private func grid(_ golden: TutorialGolden, edge: EdgePolicy = .discard) throws -> PatchGrid {
    let overlap = golden.perAxis(golden.overlap, missing: 0).map { _, voxels in Overlap.voxels(voxels) }
    return try PatchGrid(
      over: golden.extent,
      settings: GridSettings(
        patch: Extent(golden.perAxis(golden.patch, missing: 1)), overlap: overlap, edge: PerAxis(edge),
        order: golden.order))
  }

  @Test("starts, patches and their order are the tutorial's", arguments: try TutorialGolden.all())
  func patches(golden: TutorialGolden) throws {
    let grid = try grid(golden)
    #expect(grid.axes.map { _, tiling in tiling.starts } == golden.perAxis(golden.axisStarts, missing: [0]))
    let origins = golden.patchOrigins.map { Position(golden.perAxis($0, missing: 0)) }
    #expect(grid.map(\.region.origin) == origins)
    #expect(grid.map(\.valid) == grid.map(\.region))
  }

  @Test("what is lost is what the tutorial leaves as NaN", arguments: try TutorialGolden.all())
  func lost(golden: TutorialGolden) throws {
    let coverage = try grid(golden).coverage
    #expect(coverage.imageVoxels == golden.imageVoxels)
    #expect(coverage.coveredVoxels == golden.coveredVoxels)
    #expect(coverage.lostVoxels == golden.nanVoxels)
    let histogram = coverage.histogram.map { ("\($0)", $1) }
    #expect(Dictionary(uniqueKeysWithValues: histogram) == golden.coverHistogram)
  }

  @Test("the default policy loses nothing where the tutorial does", arguments: try TutorialGolden.all())
  func lossless(golden: TutorialGolden) throws {
    #expect(golden.nanVoxels > 0)
    #expect(try grid(golden, edge: .shift).coverage.lostVoxels == 0)
  }

  @Test("the fixture holds the tutorial's own sizes")
  func sizes() throws {
    let goldens = try TutorialGolden.all()
    let example = try #require(goldens.first { $0.size == [10, 10] })
    #expect(example.patchOrigins.count == 16 && example.nanVoxels == 19)
    let brains = goldens.filter { $0.size == [181, 217, 181] }
    #expect(brains.map(\.overlap) == [[4, 4, 4], [32, 32, 32]])
    #expect(brains.map(\.patchOrigins.count) == [2, 8])
  }
}

extension Position {
  fileprivate init(_ coordinates: PerAxis<Int>) {
    self.init(x: coordinates.x, y: coordinates.y, z: coordinates.z)
  }
}
