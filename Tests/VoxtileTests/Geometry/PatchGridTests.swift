import Testing
import Voxtile
import VoxtileTestSupport

@Suite("Patch grid") struct PatchGridTests {
  @Test("a padding constant that is no finite number is refused")
  func nonFinitePadding() {
    for value in [Double.nan, .infinity, -.infinity] {
      let error = #expect(throws: VoxtileError.self) {
        _ = try PatchGrid(
          over: Extent(5), patch: Extent(4), overlap: .voxels(0), edge: .pad(.end), padding: .constant(value))
      }
      #expect(error?.code == .invalidGrid)
    }
  }

  @Test("a patch is the product of its three axes, in its buffer and in its valid region")
  func product() throws {
    for var random in SplitMix64.cases(150, from: 100) {
      let problem = GridCase.random(sides: 1...9, using: &random)
      let grid = try problem.grid
      let naive = try problem.naiveAxes
      #expect(grid.counts == naive.map { _, tiling in tiling.ranges.count }, "\(random)")
      for patch in grid {
        let at = patch.gridPosition
        let region = Region(x: naive.x.ranges[at.x], y: naive.y.ranges[at.y], z: naive.z.ranges[at.z])
        #expect(patch.region == region, "\(patch), \(random)")
        for axis in Axis.allCases {
          let range = region[axis]
          let inside = max(range.lowerBound, 0)..<min(range.upperBound, problem.extent[axis])
          #expect(patch.valid[axis] == inside, "\(patch) along \(axis), \(random)")
        }
        #expect(patch.valid.isInside(problem.extent) && patch.valid.voxelCount > 0, "\(patch), \(random)")
        #expect(patch.padding == problem.settings.padding, "\(random)")
      }
    }
  }

  @Test("a grid is a collection: every way to walk it gives the same patches")
  func collection() throws {
    let grid = try PatchGrid(
      over: Extent(width: 11, height: 7, depth: 5), patch: Extent(width: 4, height: 3, depth: 2),
      overlap: .voxels(1), edge: .partial)
    #expect(grid.startIndex == 0 && grid.endIndex == grid.count && grid.indices == 0..<grid.count)
    #expect(grid.count == grid.counts.x * grid.counts.y * grid.counts.z)
    #expect(!grid.isEmpty)
    let patches = Array(grid)
    #expect(patches == Array(grid))
    #expect(patches == grid.indices.map { grid[$0] })
    #expect(patches.reversed() == Array(grid.reversed()))
    #expect(patches.map(\.index) == Array(0..<grid.count))
    #expect(grid.first == patches.first && grid.last == patches.last)
    #expect(Array(grid[2..<5]) == Array(patches[2..<5]))
    #expect(Array(grid.dropFirst(3).prefix(4)) == Array(patches.dropFirst(3).prefix(4)))
    #expect(grid.index(3, offsetBy: 4) == 7 && grid.distance(from: 7, to: 3) == -4)
    #expect(grid.index(after: 3) == 4 && grid.index(before: 3) == 2)
    #expect(Set(patches).count == grid.count)
  }

  @Test("a number outside the grid breaks the contract")
  func outside() async {
    await #expect(processExitsWith: .failure) {
      let grid = try PatchGrid(over: Extent(8), patch: Extent(4), overlap: .voxels(0))
      _ = grid[8]
    }
  }

  @Test("the example of the documentation is true")
  func example() throws {
    let grid = try PatchGrid(
      over: Extent(width: 10, height: 10), patch: Extent(width: 3, height: 3), overlap: .voxels(1))
    #expect(grid.count == 25)
    #expect(grid[1].region.description == "3x3 at (2, 0, 0)")
    #expect(grid[1].description == "patch 1: 3x3 at (2, 0, 0)")
  }

  @Test("a grid knows its patch and stride, also where a partial patch shrank")
  func patchAndStride() throws {
    let grid = try PatchGrid(
      over: Extent(width: 20, height: 3, depth: 9), patch: Extent(8), overlap: .voxels(5), edge: .partial)
    #expect(grid.patch == Extent(width: 8, height: 3, depth: 8))
    #expect(grid.stride == PerAxis(x: 3, y: 1, z: 3))
    #expect(grid.allSatisfy { $0.valid == $0.region })
  }

  @Test("one overlap of 32 voxels on a patch one slice thick overlaps in the plane only")
  func thinPatch() throws {
    let grid = try PatchGrid(
      over: Extent(width: 160, height: 96, depth: 5), patch: Extent(width: 96, height: 96),
      overlap: .voxels(32))
    #expect(grid.stride == PerAxis(x: 64, y: 64, z: 1))
    #expect(grid.counts == PerAxis(x: 2, y: 1, z: 5))
  }

  @Test("each axis has its own overlap and policy")
  func ownPolicies() throws {
    let settings = GridSettings(
      patch: Extent(4), overlap: PerAxis(x: .voxels(1), y: .fraction(0.5), z: .voxels(0)),
      edge: PerAxis(x: .discard, y: .shift, z: .pad(.end)), padding: .reflect)
    let grid = try PatchGrid(over: Extent(width: 12, height: 9, depth: 5), settings: settings)
    #expect(
      grid.axes.map { _, tiling in tiling.starts } == PerAxis(x: [0, 3, 6], y: [0, 2, 4, 5], z: [0, 4]))
  }

  @Test("an error names the axis it concerns")
  func errors() {
    let error = #expect(throws: VoxtileError.self) {
      try PatchGrid(over: Extent(width: 96, height: 96, depth: 40), patch: Extent(64), overlap: .voxels(8))
    }
    #expect(error?.context.axis == .z)
    #expect(error?.message.contains("patch depth 64 exceeds image depth 40") == true)
    let empty = #expect(throws: VoxtileError.self) {
      try PatchGrid(over: Extent(width: 96, height: 0), patch: Extent(1), overlap: .voxels(0))
    }
    #expect(empty?.message == "image height is 0; it must be at least 1")
  }

  @Test("a grid whose patches or voxels are too many to count is refused")
  func overflow() {
    let many = #expect(throws: VoxtileError.self) {
      _ = try PatchGrid(over: Extent(2_100_000), patch: Extent(1), overlap: .voxels(0))
    }
    #expect(many?.code == .invalidGrid)
    let large = #expect(throws: VoxtileError.self) {
      _ = try PatchGrid(over: Extent(1 << 30), patch: Extent(1 << 30), overlap: .voxels(0))
    }
    #expect(large?.code == .invalidGrid)
    let redundant = #expect(throws: VoxtileError.self) {
      _ = try PatchGrid(over: Extent(200_000), patch: Extent(1000), overlap: .voxels(999))
    }
    #expect(redundant?.code == .invalidGrid)
  }

  @Test("padding is with 0 unless another one is asked for")
  func defaultPadding() throws {
    let grid = try PatchGrid(over: Extent(3), patch: Extent(4), overlap: .voxels(0), edge: .pad(.end))
    #expect(grid.settings.padding == .constant(0))
    #expect(Volume<UInt8>(extent: Extent(3), repeating: 9)[grid[0]][x: 3, y: 0] == 0)
  }
}
