import Testing
import Voxtile

@testable import VoxtileReport

@Suite("VolumeDifference")
struct VolumeDifferenceTests {
  @Test("values that are not finite in only one image are counted, and the first position is kept")
  func incomparable() {
    var difference = VolumeDifference()
    let values: [(Double, Double)] = [
      (1, 1), (.nan, .nan), (0, .nan), (.infinity, 2), (.infinity, .infinity),
    ]
    for (x, (a, b)) in values.enumerated() {
      _ = difference.add(a, b, covers: 1, at: Position(x: x, y: 0, z: 0))
    }
    #expect(difference.differing == 2 && difference.incomparable == 2)
    #expect(difference.position == [2, 0, 0] && difference.largest == 0)
    _ = difference.add(3, 1, covers: 1, at: Position(x: 9, y: 0, z: 0))
    #expect(difference.position == [9, 0, 0] && difference.largest == 2 && difference.incomparable == 2)
  }

  @Test("a difference reports its size, its position and its coverage")
  func difference() throws {
    let grid = try PatchGrid(
      over: Extent(width: 7, height: 1), patch: Extent(width: 4, height: 1), overlap: .voxels(2),
      edge: .discard)
    // The coverage is 1 1 2 2 1 1 0.
    let original = try Volume(extent: grid.extent, voxels: [0, 1, 2, 3, .nan, 5, 6] as [Double])
    let merged = try Volume(extent: grid.extent, voxels: [0, 4, 2, -2, .nan, 5, 0] as [Double])
    var difference = VolumeDifference()
    let found = difference.add(merged, original, at: Region(grid.extent), coverage: grid.coverage)
    #expect(Array(found[..<4]) == [0, 3, 0, 5] && found[4].isNaN && found[6] == 6)
    #expect(difference.values == 7 && difference.differing == 3)
    #expect(difference.largest == 6 && difference.position == [6, 0, 0])
    #expect(difference.mean == 2 && difference.differingByCover == [1, 1, 1])
  }
}
