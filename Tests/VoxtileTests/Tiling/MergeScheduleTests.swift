import Testing
import Voxtile
import VoxtileTestSupport

@Suite("MergeSchedule") struct MergeScheduleTests {
  /// Every small tiling of an axis, under every policy that allows it.
  private func forEachTiling(_ check: (AxisTiling, String) throws -> Void) throws {
    for problem in AxisCase.all(upTo: 7) {
      for edge in EdgePolicy.allCases {
        let tiling = try? AxisTiling(
          length: problem.length, patch: problem.patch, overlap: .voxels(problem.overlap), edge: edge,
          axis: .z)
        if let tiling { try check(tiling, "\(problem), \(edge)") }
      }
    }
  }

  private func schedule(z: AxisTiling, y: AxisTiling? = nil) throws -> MergeSchedule {
    let flat = try AxisTiling(length: 1, patch: 1, overlap: 0, starts: [0], axis: .x)
    let axes = PerAxis(x: flat, y: y ?? flat, z: z)
    let extent = Extent(axes.map { _, tiling in tiling.length })
    let settings = GridSettings(patch: Extent(1), overlap: PerAxis(.voxels(0)))
    return MergeSchedule(try PatchGrid(over: extent, settings: settings, axes: axes))
  }

  @Test("a slice is finished when no later layer holds it, and needed while a later slice is")
  func slices() throws {
    try forEachTiling { tiling, name in
      let schedule = try schedule(z: tiling)
      for count in 0...tiling.count {
        let later = (count..<tiling.count).flatMap { Array(tiling.validRange(at: $0)) }
        let expected = later.min() ?? tiling.length
        // A layer to come may hold nothing of the image; its start then says as much.
        #expect(schedule.finishedSlices(afterLayers: count) <= expected, "\(name), \(count) layers")
        #expect(later.allSatisfy { $0 >= schedule.finishedSlices(afterLayers: count) }, "\(name)")
      }
      #expect(schedule.finishedSlices(afterLayers: tiling.count) == tiling.length)
      for slice in 0...tiling.length {
        let needed = (0..<tiling.count).first { layer in tiling.validRange(at: layer).contains { $0 >= slice }
        }
        #expect(
          schedule.firstLayerNeeded(fromSlice: slice) == needed ?? tiling.count, "\(name), slice \(slice)")
      }
    }
  }

  @Test("what is held, carried and finished at most is what a merge holds, step by step")
  func most() throws {
    try forEachTiling { tiling, name in
      let schedule = try schedule(z: tiling)
      var (held, finished, carried, merged) = (0, 0, 0, 0)
      var layers: Set<Int> = []
      for layer in 0..<tiling.count {
        layers.insert(layer)
        held = max(held, layers.count)
        let end = layer + 1 < tiling.count ? max(0, tiling.starts[layer + 1]) : tiling.length
        finished = max(finished, end - merged)
        carried = max(carried, tiling.validRange(at: layer).upperBound - end)
        merged = end
        layers = layers.filter { tiling.validRange(at: $0).upperBound > merged }
      }
      #expect(schedule.maxHeldPatches == held, "\(name)")
      #expect(schedule.maxFinishedSlices == finished, "\(name)")
      #expect(schedule.maxCarriedSlices == carried, "\(name)")
      #expect(
        schedule.deepestLayer == (0..<tiling.count).map { tiling.validRange(at: $0).count }.max(), "\(name)")
    }
  }

  @Test("rows of the grid follow the same rules along y")
  func rows() throws {
    try forEachTiling { tiling, name in
      let rows = try schedule(z: tiling, y: tiling)
      for index in 0..<tiling.count {
        #expect(rows.rows(ofGridRow: index) == rows.slices(ofLayer: index), "\(name)")
        #expect(
          rows.finishedRows(afterGridRows: index) == rows.finishedSlices(afterLayers: index), "\(name)")
      }
      #expect(rows.tallestRow == rows.deepestLayer)
    }
  }

  @Test("a slice is never held by more voxels of patches than said")
  func voxelsOverSlice() throws {
    for var random in SplitMix64.cases(40, from: 13_000) {
      let grid = try GridCase.random(sides: 1...6, using: &random).grid
      let counted = (0..<grid.extent.depth).map { slice in
        grid.filter { $0.valid.z.contains(slice) }.reduce(0) {
          $0 + $1.region.extent.width * $1.region.extent.height
        }
      }
      #expect(MergeSchedule(grid).maxVoxelsOverSlice == counted.max(), "\(random)")
    }
  }
}
