import Testing
import Voxtile
import VoxtileTestSupport

@Suite("Lossless overlaps") struct LosslessOverlapTests {
  @Test(
    "the nearest lossless overlap is the nearest one with which discarding loses nothing, the larger of two")
  func definition() throws {
    for problem in AxisCase.all(upTo: 12) where problem.patch <= problem.length {
      func tiling(_ overlap: Int) throws -> AxisTiling {
        try AxisTiling(
          length: problem.length, patch: problem.patch, overlap: .voxels(overlap), edge: .discard, axis: .x)
      }
      let fitting = try (0..<problem.patch).filter { try tiling($0).uncovered.isEmpty }
      let distance = fitting.map { abs($0 - problem.overlap) }.min()
      let expected = fitting.last { abs($0 - problem.overlap) == distance }
      #expect(try tiling(problem.overlap).nearestLosslessOverlap == expected, "\(problem)")
    }
  }

  @Test("an image smaller than the patch has none")
  func smallImage() throws {
    let tiling = try AxisTiling(length: 3, patch: 4, overlap: .voxels(1), edge: .pad(.end), axis: .x)
    #expect(tiling.nearestLosslessOverlap == nil)
    let equal = try AxisTiling(length: 4, patch: 4, overlap: .voxels(1), edge: .shift, axis: .x)
    #expect(equal.nearestLosslessOverlap == 1)
  }
}
