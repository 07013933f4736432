import Testing
import VoxtileTestSupport

@testable import Voxtile

@Suite("Kernels of boxes") struct BoxKernelTests {
  /// A grid whose voxels lie in one to more than 64 patches, with rows that are shorter and longer than a vector.
  private func grid(using random: inout SplitMix64) throws -> PatchGrid {
    let extent = Extent(
      width: Int.random(in: 1...90, using: &random), height: Int.random(in: 1...10, using: &random),
      depth: Int.random(in: 1...5, using: &random))
    let patch = Extent(
      width: Int.random(in: 1...min(40, extent.width), using: &random),
      height: Int.random(in: 1...min(6, extent.height), using: &random),
      depth: Int.random(in: 1...min(4, extent.depth), using: &random))
    let overlap = Overlap.fraction([0, 0.25, 0.5, 0.7].randomElement(using: &random) ?? 0)
    let edge: EdgePolicy = [.shift, .discard, .partial].randomElement(using: &random) ?? .shift
    return try PatchGrid(
      over: extent,
      settings: GridSettings(patch: patch, overlap: PerAxis(overlap), edge: PerAxis(edge)))
  }

  private func values<Scalar: VoxelScalar>(
    _ count: Int, using random: inout SplitMix64
  ) -> [Scalar] {
    let odd: [Double] = [-0.0, 0, .infinity, -.infinity, .nan, 1e30, -1e30]
    let isLabels = Bool.random(using: &random)
    return (0..<count).map { _ in
      if isLabels { return Scalar(nearest: Double(Int.random(in: 0..<4, using: &random))) }
      if Int.random(in: 0..<20, using: &random) == 0, let value = odd.randomElement(using: &random),
        !value.isNaN || !Scalar.scalarType.isInteger
      {
        return Scalar(nearest: value)
      }
      return Scalar(nearest: .random(in: -300...70000, using: &random))
    }
  }

  /// Whether values have the same bits, or both are NaN: which NaN a sum is depends on the order of its operands.
  private func areSame<Scalar: VoxelScalar>(_ one: Volume<Scalar>, _ other: Volume<Scalar>) -> Bool {
    zip(one.voxels, other.voxels).allSatisfy { one, other in
      one == other ? one.double.sign == other.double.sign : one != one && other != other
    }
  }

  @Test("every processor gets the same bits", arguments: ScalarType.allCases)
  func instructions(type: ScalarType) throws {
    func check<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
      for var random in SplitMix64.cases(5, from: 31_000) {
        let grid = try grid(using: &random)
        let parts = PatchParts<Scalar>(
          try grid.map { patch in
            let voxels: [Scalar] = values(2 * patch.region.voxelCount, using: &random)
            let volume = try Volume(extent: patch.region.extent, channels: 2, voxels: voxels)
            return (patch.gridPosition, PlacedVolume(region: patch.region, volume: volume))
          })
        // The first voxel of each patch counts for hardly anything.
        let uneven = BlendProfile("uneven") { count, _ in (0..<count).map { $0 == 0 && count > 1 ? 1e-9 : 3 }
        }
        for blend in Blend.all + [.mean(uneven), .majority(uneven)] {
          let plan = try MergePlan(grid: grid, settings: MergeSettings(blend: blend, jobs: Jobs(2)))
          let merged = [KernelInstructions.baseline, .best].map { instructions in
            Gather<Scalar, Scalar>(parts, plan: plan, instructions: instructions)
              .volume(of: Region(grid.extent), channels: 2)
          }
          #expect(areSame(merged[0], merged[1]), "\(random) \(blend.name)")
        }
      }
    }
    try check(type.type)
  }

  @Test(
    "the mean of any number of integers is the exact one, ties to even",
    arguments: [ScalarType.uint8, .int8, .uint16, .int16, .uint32, .int32])
  func means(type: ScalarType) throws {
    func check<Scalar: VoxelScalar & FixedWidthInteger>(_ type: Scalar.Type) throws {
      var random = SplitMix64(seed: 77)
      for most in [2, 3, 5, 8, 12, 13, 33, 66] {
        let grid = try PatchGrid(
          over: Extent(width: 2 * most + 5, height: 3),
          settings: GridSettings(
            patch: Extent(width: most, height: 3),
            overlap: PerAxis(x: .voxels(most - 1), y: .voxels(0), z: .voxels(0))))
        let near = Bool.random(using: &random)
        let patches = try grid.map { patch in
          let voxels = (0..<patch.region.voxelCount).map { _ -> Scalar in
            near ? .max - .random(in: 0...3, using: &random) : .random(in: .min ... .max, using: &random)
          }
          return try Volume(extent: patch.region.extent, voxels: voxels)
        }
        let merged: Volume<Scalar> = try merge(grid, .average) { patches[$0.index] }
        for voxel in grid.extent.positions {
          var (sum, count) = (0, 0)
          for patch in grid where patch.region.contains(voxel) {
            let place = voxel - patch.region.origin
            sum += Int(patches[patch.index][x: place.x, y: place.y, z: place.z])
            count += 1
          }
          // The whole part and what is left of it, so that nothing is rounded before the tie is known.
          var mean = Int((Double(sum) / Double(count)).rounded(.down))
          while mean * count > sum { mean -= 1 }
          while (mean + 1) * count <= sum { mean += 1 }
          let rest = 2 * (sum - mean * count)
          if rest > count || rest == count && mean % 2 != 0 { mean += 1 }
          #expect(Int(merged[x: voxel.x, y: voxel.y, z: voxel.z]) == mean, "\(most) patches, \(voxel)")
        }
      }
    }
    switch type {
    case .uint8: try check(UInt8.self)
    case .int8: try check(Int8.self)
    case .uint16: try check(UInt16.self)
    case .int16: try check(Int16.self)
    case .uint32: try check(UInt32.self)
    default: try check(Int32.self)
    }
  }

  @Test("means of doubles have the bits of differences that are added one patch after another")
  func doubles() throws {
    for var random in SplitMix64.cases(40, from: 32_000) {
      var grid = try grid(using: &random)
      while !grid.axes.all.allSatisfy(\.uncovered.isEmpty) { grid = try self.grid(using: &random) }
      let parts = PatchParts<Double>(
        try grid.map { patch in
          let voxels: [Double] = values(patch.region.voxelCount, using: &random)
          return (
            patch.gridPosition,
            PlacedVolume(
              region: patch.region, volume: try Volume(extent: patch.region.extent, voxels: voxels))
          )
        })
      for blend in [Blend.average, .gaussian, .hann, .triangular] {
        let plan = try MergePlan(grid: grid, settings: MergeSettings(blend: blend, jobs: .one))
        let gather = Gather<Double, Double>(parts, plan: plan)
        let merged = gather.volume(of: Region(grid.extent), channels: 1)
        for slice in 0..<grid.extent.depth {
          let region = Region(x: 0..<grid.extent.width, y: 0..<grid.extent.height, z: slice..<slice + 1)
          let block = MergeBlock(
            channel: 0, slice: slice, rows: region.y, columns: region.x,
            patches: grid.axes.map { axis, tiling in
              axis == .z ? plan.axes.z.covering[slice] : 0..<tiling.count
            })
          var expected = [Double](repeating: 0, count: region.voxelCount)
          var span = expected.mutableSpan
          gather.writeComplete(block, into: &span)
          let one = try Volume(extent: region.extent, voxels: expected)
          #expect(areSame(merged[region], one), "\(random) \(blend.name), slice \(slice)")
        }
      }
    }
  }

  @Test("the mean of both infinities is NaN, whichever comes last, and that of one and a number is infinity")
  func infinities() throws {
    // Rows that are shorter and longer than a vector, and one that is merged without a kernel.
    for (width, overlap) in [(3, 2), (16, 8), (40, 39)] {
      let grid = try PatchGrid(
        over: Extent(width: width + 1, height: 1), patch: Extent(width: width, height: 1),
        overlap: .voxels(min(overlap, width - 1)))
      for (first, last, expected) in [
        (Double.infinity, -Double.infinity, Double.nan), (-.infinity, .infinity, .nan),
        (.infinity, 5, .infinity),
        (5, -.infinity, -.infinity), (.infinity, .infinity, .infinity), (-.infinity, .nan, .nan),
      ] {
        let merged: Volume<Double> = try merge(grid, .average) {
          Volume<Double>(extent: $0.region.extent, repeating: $0.index == grid.count - 1 ? last : first)
        }
        let value = merged.voxels[width - 1]
        #expect(value == expected || value.isNaN && expected.isNaN, "\(width): \(first), \(last): \(value)")
      }
    }
  }

  @Test("more patches than there are kernels for are merged as before")
  func dense() throws {
    var random = SplitMix64(seed: 5)
    let grid = try PatchGrid(
      over: Extent(width: 14, height: 12, depth: 11), patch: Extent(width: 6, height: 5, depth: 5),
      overlap: .voxels(4))
    #expect(grid.coverage.histogram.keys.max() ?? 0 > BoxKernel.mostPatches)
    let patches = try grid.map { patch in
      let voxels = (0..<patch.region.voxelCount).map { _ in UInt8.random(in: 0...2, using: &random) }
      return try Volume(extent: patch.region.extent, voxels: voxels)
    }
    let numbers = grid.map { NaivePatch(region: $0.region, values: patches[$0.index].voxels) }
    let voted: Volume<UInt8> = try merge(grid, .plainVote) { patches[$0.index] }
    #expect(voted.voxels == naiveVote(extent: grid.extent, patches: numbers, fill: 0, ties: .smallest))
    let highest: Volume<UInt8> = try merge(grid, .maximum) { patches[$0.index] }
    for (number, voxel) in grid.extent.positions.enumerated() {
      let values = grid.filter { $0.region.contains(voxel) }.map { patch in
        let place = voxel - patch.region.origin
        return patches[patch.index][x: place.x, y: place.y, z: place.z]
      }
      #expect(highest.voxels[number] == values.max())
    }
  }

  @Test("a vote whose weights overflow is counted as any other")
  func overflow() throws {
    let grid = try PatchGrid(
      over: Extent(width: 6, height: 1), patch: Extent(width: 4, height: 1), overlap: .voxels(3))
    let profile = BlendProfile("huge") { _, axis in axis == .x ? [1, 1, 0, 1] : [1e200] }
    let merged: Volume<UInt8> = try merge(grid, .majority(profile)) {
      Volume<UInt8>(extent: $0.region.extent, repeating: [1, 1, 2][$0.index])
    }
    // Where a patch has no weight, infinity times 0 is NaN, which never wins over a number.
    #expect(merged.voxels == [1, 1, 2, 2, 1, 2])
  }
}
