import Testing
import Voxtile
import VoxtileTestSupport

@Suite("Tilings with given starts") struct GivenStartsTests {
  @Test("the starts of a policy make the tiling of that policy", arguments: EdgePolicy.allCases)
  func policies(edge: EdgePolicy) throws {
    for problem in AxisCase.all(upTo: 9) {
      guard
        let tiling = try? AxisTiling(
          length: problem.length, patch: problem.patch, overlap: .voxels(problem.overlap), edge: edge,
          axis: .x)
      else { continue }
      // Patches that end with the image are for the policy `partial` alone.
      guard edge != .partial || tiling.paddingAfter == 0 && tiling.patchVoxels == tiling.count * tiling.patch
      else { continue }
      let given = try AxisTiling(
        length: problem.length, patch: tiling.patch, overlap: tiling.overlap, starts: tiling.starts, axis: .x)
      #expect(given.counts == tiling.counts && given.uncovered == tiling.uncovered, "\(problem)")
      #expect(
        (0..<given.count).allSatisfy {
          given.range(at: $0) == tiling.range(at: $0) && given.validRange(at: $0) == tiling.validRange(at: $0)
        }, "\(problem)")
    }
  }

  @Test("patches may start before the image, end behind it, and leave voxels between them")
  func outside() throws {
    let tiling = try AxisTiling(length: 10, patch: 3, overlap: 0, starts: [-2, 3, 9], axis: .z)
    #expect(tiling.counts == [1, 0, 0, 1, 1, 1, 0, 0, 0, 1])
    #expect(tiling.paddingBefore == 2 && tiling.paddingAfter == 2)
    #expect(tiling.patches(covering: 9) == 2..<3)
    #expect(tiling.patches(covering: 7).isEmpty)
    #expect(tiling.stride == 3)
  }

  @Test("starts that make no tiling are refused with the values that are wrong")
  func refused() throws {
    func message(
      length: Int = 10, patch: Int = 3, overlap: Int = 1, _ starts: [Int]
    ) throws -> String {
      let error = #expect(throws: VoxtileError.self) {
        try AxisTiling(length: length, patch: patch, overlap: overlap, starts: starts, axis: .y)
      }
      #expect(error?.code == .invalidGrid && error?.context.axis == .y)
      return try #require(error).message
    }
    #expect(try message([]).contains("0 starts"))
    #expect(try message([0, 4, 4]).contains("start 4 along y follows 4"))
    #expect(try message([0, 4, 2]).contains("start 2 along y follows 4"))
    #expect(try message([-3, 0]).contains("y = -3"))
    #expect(try message([0, 10]).contains("-2...9"))
    #expect(try message([.min]).contains("holds no voxel"))
    #expect(try message([.max]).contains("holds no voxel"))
    #expect(try message(overlap: 3, [0]).contains("overlap 3 along y"))
    #expect(try message(overlap: -1, [0]).contains("overlap -1 along y"))
    #expect(try message(length: 0, [0]).contains("image height is 0"))
    #expect(try message(patch: 0, [0]).contains("patch height is 0"))
  }

  @Test("a grid of given tilings has their patches, and the padding and order of its settings")
  func grid() throws {
    let extent = Extent(width: 10, height: 6)
    let axes = PerAxis(
      x: try AxisTiling(length: 10, patch: 4, overlap: 1, starts: [-1, 2, 7], axis: .x),
      y: try AxisTiling(length: 6, patch: 4, overlap: 2, starts: [0, 2], axis: .y),
      z: try AxisTiling(length: 1, patch: 1, overlap: 0, starts: [0], axis: .z))
    let settings = GridSettings(
      patch: Extent(width: 4, height: 4), overlap: .voxels(1), padding: .edge, order: .zFastest)
    let grid = try PatchGrid(over: extent, settings: settings, axes: axes)
    #expect(grid.count == 6)
    #expect(grid[1].region.origin == Position(x: -1, y: 2))
    #expect(grid[0].valid == Region(x: 0..<3, y: 0..<4))
    #expect(grid[0].padding == .edge)
    let error = #expect(throws: VoxtileError.self) {
      try PatchGrid(over: Extent(width: 10, height: 7), settings: settings, axes: axes)
    }
    #expect(error?.code == .invalidGrid && error?.context.axis == .y)
  }

  @Test("patches cut on a grid of given tilings merge back to the image")
  func roundTrip() throws {
    var random = SplitMix64(seed: 77)
    let axis = { (starts: [Int], axis: Axis) throws in
      try AxisTiling(length: 9, patch: 4, overlap: 1, starts: starts, axis: axis)
    }
    let grid = try PatchGrid(
      over: Extent(9), settings: GridSettings(patch: Extent(4), overlap: .voxels(1)),
      axes: PerAxis(x: axis([-2, 1, 5], .x), y: axis([0, 1, 2, 5], .y), z: axis([-3, 0, 4, 8], .z)))
    let scan = Volume<Int16>.random(Extent(9), upTo: 1000, using: &random)
    let merger = try PatchMerger<Int16>(grid: grid, blend: .average)
    for patch in grid { try merger.add(scan[patch], at: patch) }
    #expect(try merger.finish() == scan)
  }
}
