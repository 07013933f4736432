import Testing
import Voxtile

@testable import VoxtileReport

@Suite("SeamScore")
struct SeamScoreTests {
  @Test("the plane with the only jump is the worst, although it has no score")
  func loneJump() throws {
    let grid = try PatchGrid(
      over: Extent(width: 16, height: 4), patch: Extent(width: 8, height: 4), overlap: .voxels(0))
    var merged = NeighborJumps(over: grid.extent, isLabelMap: false)
    merged.add((0..<64).map { $0 % 16 < 8 ? 1.5 : 2.5 }, at: Region(grid.extent))
    let score = SeamScore(grid: grid, merged: merged.means, original: nil)
    #expect(score.worst?.position == 8 && score.worst?.score == nil && score.worst?.across == 1)
  }

  @Test("a step between patches is scored by its height relative to its surroundings")
  func step() throws {
    // Values rise by 2 per voxel, and by another 6 at x = 8.
    let grid = try PatchGrid(
      over: Extent(width: 16, height: 4), patch: Extent(width: 8, height: 4), overlap: .voxels(0))
    let rows = (0..<4).flatMap { _ in (0..<16).map { Double(2 * $0 + ($0 >= 8 ? 6 : 0)) } }
    var merged = NeighborJumps(over: grid.extent, isLabelMap: false)
    merged.add(rows, at: Region(grid.extent))
    var original = NeighborJumps(over: grid.extent, isLabelMap: false)
    original.add(rows.indices.map { Double(2 * ($0 % 16)) }, at: Region(grid.extent))
    let score = SeamScore(grid: grid, merged: merged.means, original: original.means)
    #expect(score.planes.map(\.position) == [8] && score.planes.map(\.axis) == [.x])
    #expect(score.planes.first?.across == 8 && score.planes.first?.beside == 2)
    #expect(score.planes.first?.score == 4 && score.planes.first?.originalScore == 1)
    #expect(score.worst?.position == 8)
  }

  @Test("cut planes lie where patches begin or end, and halfway between their centers")
  func cuts() throws {
    let tiling = try AxisTiling(length: 20, patch: 8, overlap: .voxels(2), edge: .shift, axis: .x)
    #expect(SeamScore.cuts(of: tiling) == [6, 7, 8, 12, 13, 14])
    // Between centers 4 and 9, the midpoint is 6.5. Between 9 and 11, it is voxel 10.
    let odd = try AxisTiling(length: 16, patch: 9, overlap: .voxels(4), edge: .shift, axis: .x)
    #expect(odd.starts == [0, 5, 7] && SeamScore.cuts(of: odd) == [5, 7, 9, 10, 11, 14])
    let whole = try AxisTiling(length: 8, patch: 8, overlap: .voxels(2), edge: .shift, axis: .x)
    #expect(SeamScore.cuts(of: whole).isEmpty)
  }

  @Test("the seams of a center blend lie at cut planes")
  func nearestCenter() throws {
    for (length, patch, overlap) in [(40, 16, 6), (37, 9, 4), (50, 13, 5)] {
      let grid = try PatchGrid(
        over: Extent(width: length, height: 1), patch: Extent(width: patch, height: 1),
        overlap: .voxels(overlap))
      let merger = try PatchMerger<Float>(grid: grid, blend: .center)
      for box in grid {
        // Each patch has a different value, so every change of patch is a jump.
        let volume = Volume<Float>(extent: box.region.extent, repeating: Float(box.index * box.index))
        try merger.add(volume, at: box)
      }
      let merged = try merger.finish().voxels
      let changes = (1..<length).filter { merged[$0] != merged[$0 - 1] }
      #expect(changes.count == grid.count - 1)
      #expect(Set(changes).isSubset(of: SeamScore.cuts(of: grid.axes.x)), "\(changes)")
    }
  }

  @Test("without jumps the score is 1, and next to constant values a jump has no score")
  func noScore() throws {
    let grid = try PatchGrid(
      over: Extent(width: 8, height: 1), patch: Extent(width: 4, height: 1), overlap: .voxels(0))
    func score(_ row: [Double]) -> Double?? {
      var jumps = NeighborJumps(over: grid.extent, isLabelMap: false)
      jumps.add(row, at: Region(grid.extent))
      return SeamScore(grid: grid, merged: jumps.means, original: nil).planes.first?.score
    }
    #expect(score([1, 1, 1, 1, 1, 1, 1, 1]) == .some(1))
    #expect(score([1, 1, 1, 1, 2, 2, 2, 2]) == .some(nil))
    // Jumps near the largest number, and a ratio that overflows.
    let huge = Double.greatestFiniteMagnitude / 2
    #expect(score([0, huge, 0, huge, 0, huge, 0, huge]) == .some(1))
    #expect(score([0, 0, 0, .leastNonzeroMagnitude, huge, huge, huge, huge]) == .some(nil))
  }
}
