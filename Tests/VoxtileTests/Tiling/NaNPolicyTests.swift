import Testing
import Voxtile

@Suite("NaNPolicy") struct NaNPolicyTests {
  private let grid: PatchGrid
  private let patches: [Volume<Float>]

  /// Three patches of four voxels that overlap by two; the first one has a NaN where the second one has 8, and both have
  /// one beside it.
  init() throws {
    grid = try PatchGrid(
      over: Extent(width: 8, height: 1), patch: Extent(width: 4, height: 1), overlap: .voxels(2))
    let rows: [[Float]] = [[1, 1, .nan, .nan], [8, .nan, 2, 2], [2, 2, 5, .nan]]
    patches = try zip(grid, rows).map { patch, row in
      try Volume(extent: patch.region.extent, voxels: row)
    }
  }

  private func merged<Scalar: VoxelScalar>(
    _ blend: Blend, _ policy: NaNPolicy, as type: Scalar.Type
  ) throws -> [Scalar] {
    let merger = try PatchMerger<Scalar>(
      grid: grid, settings: MergeSettings(blend: blend, fill: -1, nan: policy))
    for patch in grid { try merger.add(patches[patch.index], at: patch) }
    return try merger.finish().voxels
  }

  @Test("NaN is propagated by default")
  func propagate() throws {
    let values = try merged(.average, .propagate, as: Float.self)
    #expect(values.map(\.isNaN) == [false, false, true, true, false, false, false, true])
  }

  @Test(
    "an ignored NaN does not count, and where nothing else is there, the fill is",
    arguments: ["average", "gaussian", "center", "last", "maximum", "vote", "vote:plain"])
  func ignore(name: String) throws {
    let blend = try #require(Blend(name: name))
    #expect(try merged(blend, .ignore, as: Float.self) == [1, 1, 8, -1, 2, 2, 5, -1])
    #expect(try merged(blend, .ignore, as: Int16.self) == [1, 1, 8, -1, 2, 2, 5, -1])
  }

  @Test("an error names the patch and how many values are NaN")
  func error() throws {
    let error = #expect(throws: VoxtileError.self) { _ = try merged(.average, .error, as: Float.self) }
    #expect(error?.message.contains("patch 0 has 2 values that are NaN") == true)
    #expect(error?.remedy == .chooseNaNPolicy)
  }

  @Test("what is NaN outside of the image does not count")
  func padding() throws {
    let grid = try PatchGrid(
      over: Extent(width: 3, height: 1), patch: Extent(width: 4, height: 1), overlap: .voxels(0),
      edge: .pad(.end))
    let merger = try PatchMerger<Float>(
      grid: grid, settings: MergeSettings(blend: .average, nan: .error))
    try merger.add(Volume(extent: grid[0].region.extent, voxels: [1, 2, 3, Float.nan]), at: grid[0])
    #expect(try merger.finish().voxels == [1, 2, 3])
  }
}
