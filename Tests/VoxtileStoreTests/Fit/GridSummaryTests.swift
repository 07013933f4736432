import Testing
import Voxtile
import VoxtileFormats
import VoxtileStore

@Suite("GridSummary")
struct GridSummaryTests {
  private static let extent = Extent(width: 50, height: 41, depth: 36)
  private static let info = VolumeInfo(
    extent: extent, channels: 2, scalarType: .int16,
    metadata: VolumeMetadata(affine: Affine(spacing: PerAxis(x: 2, y: 1.5, z: 2.5))))

  @Test("it counts what a grid costs and loses, and names the overlap that loses nothing")
  func numbers() throws {
    let grid = try PatchGrid(over: Self.extent, patch: Extent(20), overlap: .voxels(0), edge: .discard)
    let summary = try GridSummary(of: grid, over: Self.info, input: "a.nii")
    #expect(summary.counts == [2, 2, 1] && summary.patches == 4 && summary.starts["x"] == [0, 20])
    #expect(summary.outputBytes == 4 * 20 * 20 * 20 * 4 && summary.spacing == [2, 1.5, 2.5])
    #expect(summary.coveredVoxels == 40 * 40 * 20 && summary.lostVoxels == 50 * 41 * 36 - 40 * 40 * 20)
    #expect(summary.lost.map(\.axis) == [.x, .y, .z] && summary.lost.map(\.from) == [40, 40, 20])
    #expect(summary.lost.map(\.millimeters) == [20, 1.5, 40])
    #expect(summary.lost.map(\.losslessOverlap) == [5, 13, 4])
    #expect(summary.cropMemory == nil && summary.mergeMemory == nil)
  }

  @Test(
    "the memory is what a proposal of this grid says, and what the plans of the jobs do",
    arguments: [true, false])
  func memory(isRandomAccess: Bool) throws {
    let grid = try PatchGrid(over: Self.extent, patch: Extent(20), overlap: .voxels(5))
    for limit in [nil, 60 << 20] {
      var summary = try GridSummary(of: grid, over: Self.info, input: "a.nii")
      try summary.planCrop(
        of: grid, over: Self.info, isRandomAccess: isRandomAccess,
        limits: JobLimits(jobs: Jobs(2), memory: limit))
      try summary.planMerge(
        of: grid, over: Self.info, isRandomAccess: isRandomAccess, writesRows: false,
        limits: JobLimits(jobs: Jobs(2), memory: limit))
      let (crop, merge) = (try #require(summary.cropMemory), try #require(summary.mergeMemory))
      let memory = GridFit.cropAndMerge(
        [Self.info], isRandomAccess: isRandomAccess, limits: JobLimits(jobs: Jobs(2), memory: limit))
      #expect(try memory(grid, 0) == max(crop.peakBytes, merge.peakBytes))
      let plan = try MemoryPlan.merge(
        grid, patchValueBytes: 4, outputValueBytes: 4, isRandomAccess: isRandomAccess,
        limits: JobLimits(jobs: Jobs(2), memory: limit))
      #expect(merge.peakBytes == plan.peakBytes && merge.scratchBytes == plan.scratchBytes)
      #expect(merge.jobs == plan.jobs)
    }
  }
}
