import Testing
import Voxtile
import VoxtileTestSupport

@Suite("Patch weights") struct PatchWeightsTests {
  /// Grids with every policy, at random.
  private func grids(_ count: Int, from seed: UInt64) throws -> [PatchGrid] {
    try SplitMix64.cases(count, from: seed).map { random in
      var random = random
      return try GridCase.random(sides: 1...6, using: &random).grid
    }
  }

  @Test("a mean by the weights of a blend is the merge with that blend")
  func means() throws {
    for (number, grid) in try grids(20, from: 600).enumerated() {
      var random = SplitMix64(seed: UInt64(number))
      let patches = grid.map { Volume<UInt8>.random($0.region.extent, upTo: 200, using: &random) }
      for blend in [Blend.average, .gaussian, .hann, .triangular, .center, .last] {
        let weights = try PatchWeights(blend: blend, grid: grid)
        try weights.check(for: grid)
        let expected = naiveMerge(
          extent: grid.extent,
          patches: grid.map {
            NaivePatch(region: $0.region, values: patches[$0.index].voxels.map(Double.init))
          }, fill: 7
        ) { weights.weight(at: $1, of: grid[$0]) }
        let merged: Volume<Double> = try merge(grid, blend, fill: 7) { patches[$0.index] }
        #expect(
          zip(merged.voxels, expected.values).allSatisfy { abs($0 - $1) <= 1e-9 }, "\(blend) \(grid.settings)"
        )
      }
    }
  }

  @Test("each voxel has one owner where a blend chooses")
  func owners() throws {
    for grid in try grids(20, from: 700) {
      let counts = grid.coverage.counts
      for blend in [Blend.center, .last] {
        guard case .product(let axes) = try PatchWeights(blend: blend, grid: grid) else {
          Issue.record("ownership is a product")
          return
        }
        for axis in Axis.allCases {
          var sums = [Double](repeating: 0, count: grid.extent[axis])
          for (tile, weights) in axes[axis].enumerated() {
            for (voxel, weight) in zip(grid.axes[axis].range(at: tile), weights) where weight != 0 {
              sums[voxel] += weight
            }
          }
          #expect(sums == counts[axis].map { $0 > 0 ? 1 : 0 })
        }
      }
    }
  }

  @Test("a vote and a maximum have no weights")
  func notMeans() throws {
    let grid = try PatchGrid(over: Extent(8), patch: Extent(4), overlap: .voxels(2))
    for blend in [Blend.vote, .majority(.hann), .maximum] {
      let error = #expect(throws: VoxtileError.self) { try PatchWeights(blend: blend, grid: grid) }
      #expect(error?.code == .invalidOption)
    }
  }

  @Test("dense weights lie with x fastest")
  func dense() throws {
    let grid = try PatchGrid(
      over: Extent(width: 3, height: 4, depth: 5), patch: Extent(width: 3, height: 2, depth: 2),
      overlap: .voxels(1))
    let weights = PatchWeights.dense((1...12).map(Float.init))
    try weights.check(for: grid)
    let found = grid[3].region.extent.positions.map { weights.weight(at: $0, of: grid[3]) }
    #expect(found == (1...12).map(Double.init))
  }

  @Test("weights that do not fit the grid, or that no sum can be divided by, are refused")
  func refused() throws {
    let grid = try PatchGrid(
      over: Extent(width: 5, height: 1), patch: Extent(width: 3, height: 1), overlap: .voxels(1))
    func fails(_ weights: PatchWeights, _ code: VoxtileError.Code) {
      let error = #expect(throws: VoxtileError.self) { try weights.check(for: grid) }
      #expect(error?.code == code, "\(weights)")
    }
    func along(_ x: [[Double]]) -> PatchWeights { .product(PerAxis(x: x, y: [[1]], z: [[1]])) }
    #expect(throws: Never.self) { try along([[1, 1, 0], [1, 1, 1]]).check(for: grid) }
    fails(along([[1, 1, 1]]), .shapeMismatch)
    fails(along([[1, 1, 1], [1, 1]]), .shapeMismatch)
    fails(along([[1, 1, 0], [0, 1, 1]]), .invalidOption)
    fails(along([[1, -1, 1], [1, 1, 1]]), .invalidOption)
    fails(along([[1, .nan, 1], [1, 1, 1]]), .invalidOption)
    fails(along([[1, .infinity, 1], [1, 1, 1]]), .invalidOption)
    fails(.dense([1, 1]), .shapeMismatch)
    for weight in [Float.zero, -1, .nan, .infinity] { fails(.dense([1, weight, 1]), .invalidOption) }
    let partial = try PatchGrid(
      over: Extent(width: 6, height: 1), patch: Extent(width: 4, height: 1), overlap: .voxels(1),
      edge: .partial)
    let error = #expect(throws: VoxtileError.self) {
      try PatchWeights.dense([1, 1, 1, 1]).check(for: partial)
    }
    #expect(error?.message.contains("sizes") == true)
  }
}
