import Foundation
import Synchronization
import Testing
import Voxtile
import VoxtileTestSupport

@Suite("PatchMerger") struct PatchMergerTests {
  private let grid: PatchGrid

  init() throws {
    grid = try PatchGrid(over: Extent(width: 7, height: 5, depth: 9), patch: Extent(4), overlap: .voxels(2))
  }

  private func patch(_ index: Int, channels: Int = 1) -> Volume<Float> {
    Volume(extent: grid[index].region.extent, channels: channels, repeating: Float(index))
  }

  @Test(
    "the tutorial's merged images come out, with the fill where it has NaN",
    arguments: try TutorialGolden.all())
  func tutorial(golden: TutorialGolden) throws {
    guard let image = golden.image, let merged = golden.merged else { return }
    let grid = try PatchGrid(
      over: golden.extent,
      settings: GridSettings(
        patch: Extent(golden.perAxis(golden.patch, missing: 1)),
        overlap: golden.perAxis(golden.overlap, missing: 0).map { _, voxels in .voxels(voxels) },
        edge: PerAxis(.discard), order: golden.order))
    let volume = try Volume(extent: golden.extent, voxels: image)
    let merger = try PatchMerger<Double>(
      grid: grid, settings: MergeSettings(blend: .average, fill: -1))
    for patch in grid {
      var values = volume[patch]
      for index in values.voxels.indices { values.voxels[index] += Double(16 * patch.index) }
      try merger.add(values, at: patch)
    }
    let result = try merger.finish()
    for (found, expected) in zip(result.voxels, merged) {
      #expect(abs(found - (expected ?? -1)) < 1e-9)
    }
    #expect(result.voxels.count == merged.count)
    #expect(result.voxels.count { $0 == -1 } == golden.nanVoxels)
  }

  @Test("a patch added twice is refused, and the merge goes on")
  func duplicate() throws {
    let merger = try PatchMerger<Float>(grid: grid, blend: .average)
    for patch in grid {
      try merger.add(self.patch(patch.index), at: patch)
      let error = #expect(throws: VoxtileError.self) { try merger.add(self.patch(patch.index), at: patch) }
      #expect(error?.code == .duplicatePatch && error?.message.contains("\(patch.index)") == true)
    }
    _ = try merger.finish()
  }

  @Test("a missing patch is named; it may still come")
  func missing() throws {
    let merger = try PatchMerger<Float>(grid: grid, blend: .average)
    for patch in grid where patch.index != 7 { try merger.add(self.patch(patch.index), at: patch) }
    let error = #expect(throws: VoxtileError.self) { try merger.checkComplete() }
    #expect(error?.code == .missingPatch && error?.message.contains("7") == true)
    try merger.add(patch(7), at: grid[7])
    _ = try merger.finish()
  }

  @Test("a merge that is finished too early names what is missing")
  func finishedEarly() throws {
    let error = #expect(throws: VoxtileError.self) {
      let merger = try PatchMerger<Float>(grid: grid, blend: .average)
      for patch in grid where patch.index != 7 { try merger.add(self.patch(patch.index), at: patch) }
      return try merger.finish()
    }
    #expect(error?.code == .missingPatch && error?.message.contains("7") == true)
  }

  @Test("another shape, channel count or scalar type is refused, naming both")
  func mismatches() throws {
    let merger = try PatchMerger<Float>(grid: grid, blend: .average)
    try merger.add(patch(0, channels: 2), at: grid[0])
    let shape = #expect(throws: VoxtileError.self) {
      try merger.add(Volume<Float>(extent: Extent(3), channels: 2), at: grid[1])
    }
    #expect(shape?.code == .shapeMismatch)
    #expect(shape?.message.contains("4x4x4") == true && shape?.message.contains("3x3x3") == true)
    let channels = #expect(throws: VoxtileError.self) { try merger.add(patch(1, channels: 3), at: grid[1]) }
    #expect(channels?.code == .shapeMismatch)
    let type = #expect(throws: VoxtileError.self) {
      try merger.add(Volume<UInt8>(extent: Extent(4), channels: 2), at: grid[1])
    }
    #expect(type?.code == .typeMismatch)
    #expect(type?.message.contains("uint8") == true && type?.message.contains("float32") == true)
    let other = try PatchGrid(over: Extent(16), patch: Extent(4), overlap: .voxels(1))
    #expect(throws: VoxtileError.self) { try merger.add(patch(1, channels: 2), at: other[1]) }
  }

  @Test("several threads add with the same bits as one")
  func threads() throws {
    var random = SplitMix64(seed: 6000)
    let patches = try grid.map { try randomVolume($0.region.extent, as: Float.self, using: &random) }
    let expected: Volume<Float> = try merge(grid, .gaussian) { patches[$0.index] }
    for _ in 0..<20 {
      let merger = try PatchMerger<Float>(grid: grid, blend: .gaussian)
      try Jobs(4).forEachThrowing(grid.count) { try merger.add(patches[$0], at: grid[$0]) }
      #expect(sameBits(try merger.finish(), expected))
    }
  }

  @Test("a slab goes as soon as no later patch can touch it")
  func streaming() throws {
    let slabs = Slabs()
    let layer = grid.counts.x * grid.counts.y
    var finished: [Int] = []
    try PatchMerger<Float>.mergeSlabs(of: grid, settings: MergeSettings(blend: .average)) {
      slabs.append($0)
    } adding: { merger in
      for patch in grid {
        try merger.add(self.patch(patch.index), at: patch)
        if patch.index % layer == layer - 1 { finished.append(slabs.ranges.last?.upperBound ?? 0) }
      }
    }
    #expect(grid.axes.z.starts == [0, 2, 4, 5])
    #expect(finished == [2, 4, 5, 9])
  }

  @Test("an output that fails ends the merge")
  func failingOutput() throws {
    struct Full: Error {}
    var failures: [any Error] = []
    let error = #expect(throws: VoxtileError.self) {
      try PatchMerger<Float>.mergeSlabs(of: grid, settings: MergeSettings(blend: .average)) { _ in
        throw Full()
      } adding: { merger in
        for patch in grid {
          do {
            try merger.add(self.patch(patch.index), at: patch)
          } catch {
            failures.append(error)
          }
        }
      }
    }
    #expect(error?.code == .mergerFinished)
    // The layers after the one whose slices could not be taken.
    #expect(failures.first is Full)
    #expect(failures.dropFirst().allSatisfy { ($0 as? VoxtileError)?.code == .mergerFinished })
    #expect(failures.count == 1 + grid.count - grid.counts.x * grid.counts.y)
  }

  @Test("a merge in slabs, or into memory, of which patches are missing says so")
  func missingFromSlabs() throws {
    let settings = MergeSettings(blend: .average)
    let slabs = #expect(throws: VoxtileError.self) {
      try PatchMerger<Float>.mergeSlabs(of: grid, settings: settings) { _ in
      } adding: {
        try $0.add(patch(0), at: grid[0])
      }
    }
    #expect(slabs?.code == .missingPatch)
    let memory = #expect(throws: VoxtileError.self) {
      var values = [Float](repeating: 0, count: grid.extent.voxelCount)
      var span = values.mutableSpan
      try PatchMerger<Float>.merge(grid, settings: settings, into: &span) {
        try $0.add(patch(0), at: grid[0])
      }
    }
    #expect(memory?.code == .missingPatch)
  }

  @Test("uncovered voxels get the fill, rounded and saturated, and are counted")
  func fill() throws {
    let grid = try PatchGrid(over: Extent(7), patch: Extent(4), overlap: .voxels(0), edge: .discard)
    for (name, blend) in allBlends {
      let merged: Volume<UInt8> = try merge(grid, blend, fill: 999.5) {
        Volume<UInt8>(extent: $0.region.extent, repeating: 1)
      }
      #expect(merged.voxels.count { $0 == 255 } == grid.coverage.lostVoxels, "\(name)")
      #expect(merged.voxels.count { $0 == 1 } == 64, "\(name)")
    }
  }

  @Test("a merged volume lies where its patches say")
  func metadata() throws {
    var scan = Volume<UInt8>(extent: grid.extent)
    scan.metadata = VolumeMetadata(affine: Affine(rows: [[2, 0, 0, -7], [0, 2, 0, 9], [0, 0, 2, 1]]))
    let merged: Volume<UInt8> = try merge(grid, .average) { scan[$0] }
    #expect(merged.metadata == scan.metadata)
  }

  @Test("a profile of the caller's is used, and a useless one refused")
  func customProfile() throws {
    let grid = try PatchGrid(
      over: Extent(width: 3, height: 1), patch: Extent(width: 2, height: 1), overlap: .voxels(1))
    let ramp = BlendProfile("ramp") { length, _ in (1...length).map(Double.init) }
    let merged: Volume<Double> = try merge(grid, .mean(ramp)) {
      Volume<Double>(extent: $0.region.extent, repeating: $0.index == 0 ? 0 : 3)
    }
    // The middle voxel is the second of patch 0 (weight 2) and the first of patch 1 (weight 1).
    #expect(merged.voxels == [0, 1, 3])
    let useless = [
      BlendProfile("short") { _, _ in [1] },
      BlendProfile("negative") { length, _ in [Double](repeating: -1, count: length) },
      BlendProfile("nothing") { length, _ in [Double](repeating: 0, count: length) },
      BlendProfile("NaN") { length, _ in [Double](repeating: .nan, count: length) },
    ]
    for profile in useless {
      let error = #expect(throws: VoxtileError.self) {
        _ = try PatchMerger<Float>(grid: grid, blend: .mean(profile))
      }
      #expect(error?.code == .invalidOption && error?.message.contains(profile.name) == true)
    }
  }

  @Test("patches of another type are merged without a detour through the result's")
  func mixedTypes() throws {
    let grid = try PatchGrid(
      over: Extent(width: 3, height: 1), patch: Extent(width: 2, height: 1), overlap: .voxels(1))
    let merged: Volume<Float> = try merge(grid, .average) {
      Volume<UInt8>(extent: $0.region.extent, repeating: $0.index == 0 ? 1 : 2)
    }
    #expect(merged.voxels == [1, 1.5, 2])
    let chosen: Volume<Double> = try merge(grid, .last) {
      Volume<Int64>(extent: $0.region.extent, repeating: Int64($0.index) - 5)
    }
    #expect(chosen.voxels == [-5, -4, -4])
  }

  @Test("weights too small to divide by are refused")
  func vanishingWeights() throws {
    let profile = BlendProfile("steep") { length, _ in [Double](repeating: 1e-110, count: length) }
    let error = #expect(throws: VoxtileError.self) {
      _ = try PatchMerger<Float>(grid: grid, blend: .mean(profile))
    }
    #expect(error?.code == .invalidOption)
  }

  @Test("the mean of a number and infinity is infinity, whichever comes first")
  func infinity() throws {
    let grid = try PatchGrid(
      over: Extent(width: 3, height: 1), patch: Extent(width: 2, height: 1), overlap: .voxels(1))
    for first in 0...1 {
      let merged: Volume<Double> = try merge(grid, .average) {
        Volume<Double>(extent: $0.region.extent, repeating: $0.index == first ? .infinity : 5)
      }
      #expect(merged[x: 1, y: 0] == .infinity)
    }
  }

  @Test("the maximum is NaN where one value is")
  func maximumOfNaN() throws {
    let grid = try PatchGrid(
      over: Extent(width: 3, height: 1), patch: Extent(width: 2, height: 1), overlap: .voxels(1))
    for nan in 0...1 {
      let merged: Volume<Float> = try merge(grid, .maximum) {
        Volume<Float>(extent: $0.region.extent, repeating: $0.index == nan ? .nan : 1)
      }
      #expect(merged[x: 1, y: 0].isNaN)
    }
  }
}
