import Testing
import Voxtile
import VoxtileTestSupport

@Suite("Patch order") struct PatchOrderTests {
  private func grid(_ counts: Extent, _ order: PatchOrder) throws -> PatchGrid {
    // Patches of one voxel: as many patches as voxels, and each lies at its place in the grid.
    try PatchGrid(over: counts, patch: Extent(1), overlap: .voxels(0), order: order)
  }

  @Test("x fastest numbers patches as voxels lie in memory")
  func xFastest() throws {
    for counts in Extent.all(upTo: 4) {
      #expect(try grid(counts, .xFastest).map(\.gridPosition) == counts.positions, "\(counts)")
    }
  }

  @Test("z fastest runs through z, then y, then x")
  func zFastest() throws {
    for counts in Extent.all(upTo: 4) {
      var expected: [Position] = []
      for x in 0..<counts.width {
        for y in 0..<counts.height {
          for z in 0..<counts.depth { expected.append(Position(x: x, y: y, z: z)) }
        }
      }
      #expect(try grid(counts, .zFastest).map(\.gridPosition) == expected, "\(counts)")
    }
  }

  @Test("the number of a patch leads to its place and back", arguments: PatchOrder.allCases)
  func roundTrip(order: PatchOrder) throws {
    for var random in SplitMix64.cases(60, from: 700) {
      var problem = GridCase.random(sides: 1...10, using: &random)
      problem.settings.order = order
      let grid = try problem.grid
      for index in grid.indices {
        let patch = grid[index]
        #expect(patch.index == index, "\(random)")
        #expect(grid.patch(at: patch.gridPosition) == patch, "\(random)")
      }
      #expect(Set(grid.map(\.gridPosition)).count == grid.count, "\(random)")
    }
  }

  @Test("both orders number the same boxes")
  func sameBoxes() throws {
    let counts = Extent(width: 3, height: 4, depth: 2)
    let boxes = Set(try grid(counts, .xFastest).map(\.region))
    #expect(boxes == Set(try grid(counts, .zFastest).map(\.region)))
    #expect(boxes.count == 24)
  }
}
