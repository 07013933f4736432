import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Merging an image whose slice does not fit")
struct MergeRowsTests: MergeTests {
  @Test("rows give the same image as whole slices, for every blend", arguments: [1, 3])
  func rows(channels: Int) throws {
    let image = TestImage(Extent(width: 61, height: 47, depth: 1), channels: channels, .uint16)
    try withPatches(of: image, "png", .with(Extent(width: 16, height: 13), 5)) { store, folder, _ in
      let bytes = 2 * channels
      func plan(_ memory: Int) throws -> MemoryPlan<MergeStep> {
        try MemoryPlan.merge(
          store.manifest.grid, patchValueBytes: bytes, outputValueBytes: bytes, isRandomAccess: false,
          writesRows: true, limits: JobLimits(jobs: .one, memory: memory))
      }
      let least = #expect(throws: VoxtileError.self) { try plan(1) }?.context.neededBytes ?? 1
      #expect(try plan(least).step == .rows(1))
      for blend in [Blend.average, .gaussian, .center, .vote] {
        let whole = PatchStore.MergeOptions(blend: blend, write: WriteOptions(isReplacing: true))
        try store.merge(to: "\(folder)/whole.png", options: whole)
        for extra in [0, 4000 * channels] {
          var options = whole
          options.limits = JobLimits(jobs: .one, memory: least + extra)
          let report = try store.merge(to: "\(folder)/rows.png", options: options)
          guard case .rows(let count) = report.plan.step else {
            Issue.record("planned \(report.plan.step)")
            continue
          }
          #expect(extra == 0 ? count == 1 : count > 1 && count < 47)
          #expect(
            try storedBytes("\(folder)/rows.png") == storedBytes("\(folder)/whole.png"), "\(blend.name)")
        }
      }
    }
  }

  @Test("formats that write whole slices still need one")
  func wholeSlices() throws {
    let grid = try PatchGrid(
      over: Extent(width: 4000, height: 4000), patch: Extent(width: 500, height: 500), overlap: .voxels(0))
    let limits = JobLimits(jobs: .one, memory: 48 << 20)
    let error = #expect(throws: VoxtileError.self) {
      try MemoryPlan.merge(
        grid, patchValueBytes: 4, outputValueBytes: 4, isRandomAccess: true, limits: limits)
    }
    #expect(error?.code == .memoryTooLow)
    let rows = try MemoryPlan.merge(
      grid, patchValueBytes: 4, outputValueBytes: 4, isRandomAccess: true, writesRows: true, limits: limits)
    #expect(rows.peakBytes <= 48 << 20)
    #expect(MergeStep(summary: rows.step.summary) == rows.step)
  }
}
