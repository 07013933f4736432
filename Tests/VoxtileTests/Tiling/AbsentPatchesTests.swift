import Testing
import Voxtile
import VoxtileTestSupport

/// A merge of the patches that are there, one voxel at a time.
private func naivePresentMerge(
  _ grid: PatchGrid, _ blend: Blend, values: [Int: Volume<Double>], fill: Double
) throws -> [Double] {
  let weights = try PatchWeights(blend: blend, grid: grid)
  return grid.extent.positions.map { voxel in
    var (sum, total) = (0.0, 0.0)
    for patch in grid where patch.valid.contains(voxel) {
      guard let volume = values[patch.index] else { continue }
      let offset = voxel - patch.region.origin
      let value = volume[x: offset.x, y: offset.y, z: offset.z]
      if value.isNaN { continue }
      let weight = weights.weight(at: offset, of: patch)
      (sum, total) = (sum + value * weight, total + weight)
    }
    return total > 0 ? sum / total : fill
  }
}

@Suite("AbsentPatches") struct AbsentPatchesTests {
  private func merged<Value: VoxelScalar, Scalar: VoxelScalar>(
    _ grid: PatchGrid, _ settings: MergeSettings, as type: Scalar.Type = Scalar.self,
    _ patches: [Volume<Value>]
  ) throws -> Volume<Scalar> {
    let merger = try PatchMerger<Scalar>(grid: grid, settings: settings)
    for patch in grid where !settings.absentPatches.contains(patch.index) {
      try merger.add(patches[patch.index], at: patch)
    }
    return try merger.finish()
  }

  /// Some patches of a grid, but not all.
  private func someIndices(of grid: PatchGrid, _ random: inout SplitMix64) -> Set<Int> {
    let share = Double.random(in: 0..<1, using: &random)
    var indices = Set(grid.indices.filter { _ in Double.random(in: 0..<1, using: &random) < share })
    if indices.count == grid.count { indices.remove(Int.random(in: grid.indices, using: &random)) }
    return indices
  }

  @Test("means of the patches that are there equal a slow reference")
  func means() throws {
    for var random in SplitMix64.cases(80, from: 8100) {
      let grid = try GridCase.random(sides: 1...7, using: &random).grid
      let absent = someIndices(of: grid, &random)
      let patches = grid.map { Volume<Double>.random($0.region.extent, upTo: 9, using: &random) }
      let present = Dictionary(
        uniqueKeysWithValues: grid.indices.filter { !absent.contains($0) }.map { ($0, patches[$0]) })
      for blend in [Blend.average, .gaussian, .triangular] {
        let settings = MergeSettings(blend: blend, fill: -7, absentPatches: absent, jobs: .one)
        let result: Volume<Double> = try merged(grid, settings, patches)
        let expected = try naivePresentMerge(grid, blend, values: present, fill: -7)
        for (a, b) in zip(result.voxels, expected) {
          #expect(abs(a - b) <= 1e-9 * max(1, abs(b)), "\(random) \(blend)")
        }
        let integers = patches.map { Volume<Int16>(converting: $0) }
        let rounded: Volume<Double> = try merged(grid, settings, integers)
        for (a, b) in zip(rounded.voxels, expected) {
          #expect(abs(a - b) <= 1e-9 * max(1, abs(b)), "\(random) \(blend) of integers")
        }
      }
    }
  }

  @Test("what is cut of an image comes back wherever some patch is there, for every blend")
  func identity() throws {
    for var random in SplitMix64.cases(40, from: 8200) {
      let grid = try GridCase.random(sides: 1...7, using: &random).grid
      let absent = someIndices(of: grid, &random)
      func check<Scalar: VoxelScalar>(_ type: Scalar.Type, _ random: inout SplitMix64) throws {
        let image = Volume<Scalar>.random(grid.extent, upTo: 100, using: &random)
        let patches = grid.map { image[$0] }
        for (name, blend) in allBlends {
          let settings = MergeSettings(blend: blend, fill: 77, absentPatches: absent, jobs: .one)
          let result: Volume<Scalar> = try merged(grid, settings, patches)
          for (voxel, value) in zip(grid.extent.positions, result.voxels) {
            let isHeld = grid.contains { !absent.contains($0.index) && $0.valid.contains(voxel) }
            let offset = (voxel.z * grid.extent.height + voxel.y) * grid.extent.width + voxel.x
            let expected = isHeld ? image.voxels[offset] : Scalar(nearest: 77)
            // A weighted mean of equal floating-point numbers may be off in its last bit.
            let error = abs(value.double - expected.double)
            #expect(error <= (Scalar.scalarType.isInteger ? 0 : 1e-6 * 100), "\(random) \(name) \(type)")
          }
        }
      }
      try check(UInt8.self, &random)
      try check(Int64.self, &random)
      try check(Float.self, &random)
      try check(Double.self, &random)
    }
  }

  @Test("the voxels that only absent patches hold are counted")
  func count() throws {
    for var random in SplitMix64.cases(40, from: 8300) {
      let grid = try GridCase.random(sides: 1...7, using: &random).grid
      let absent = someIndices(of: grid, &random)
      let expected = grid.extent.positions.count { voxel in
        let holding = grid.filter { $0.valid.contains(voxel) }
        return !holding.isEmpty && holding.allSatisfy { absent.contains($0.index) }
      }
      #expect(AbsentPatches(absent, of: grid).voxelsHeldByNoOther(in: grid) == expected, "\(random)")
    }
  }

  @Test("arrival order, threads and boxes do not change a bit")
  func order() throws {
    for var random in SplitMix64.cases(30, from: 8400) {
      let grid = try GridCase.random(sides: 2...7, using: &random).grid
      let absent = someIndices(of: grid, &random)
      let patches = try grid.map { try randomVolume($0.region.extent, as: Float.self, using: &random) }
      for (name, blend) in allBlends {
        let one = MergeSettings(blend: blend, fill: 3, nan: .ignore, absentPatches: absent, jobs: .one)
        var four = one
        four.jobs = Jobs(4)
        let expected: Volume<Float> = try merged(grid, one, patches)
        let merger = try PatchMerger<Float>(grid: grid, settings: four)
        for patch in grid.shuffledPatches(using: &random) where !absent.contains(patch.index) {
          try merger.add(patches[patch.index], at: patch)
        }
        #expect(sameBits(try merger.finish(), expected), "\(random) \(name)")
        let regions = try RegionMerger<Float>(grid: grid, settings: four)
        let boxed = try regions.merge(Region(grid.extent), channels: 1, of: Float.self) { patch, part in
          #expect(!absent.contains(patch.index))
          return patches[patch.index][Region(origin: part.origin - patch.region.origin, extent: part.extent)]
        }
        #expect(sameBits(boxed, expected), "\(random) \(name) in boxes")
      }
    }
  }

  @Test("an absent patch cannot be added, and all cannot be absent")
  func errors() throws {
    let grid = try PatchGrid(
      over: Extent(width: 6, height: 1), patch: Extent(width: 4, height: 1), overlap: .voxels(2))
    let merger = try PatchMerger<Float>(
      grid: grid, settings: MergeSettings(blend: .average, absentPatches: [1]))
    let volume = Volume<Float>(extent: grid[1].region.extent, repeating: 1)
    let added = #expect(throws: VoxtileError.self) { try merger.add(volume, at: grid[1]) }
    #expect(added?.code == .duplicatePatch)
    let error = #expect(throws: VoxtileError.self) {
      _ = try PatchMerger<Float>(
        grid: grid, settings: MergeSettings(blend: .average, absentPatches: Set(grid.indices)))
    }
    #expect(error?.code == .missingPatch)
  }
}
