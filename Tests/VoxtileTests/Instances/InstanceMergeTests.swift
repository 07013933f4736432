import Testing
import VoxtileTestSupport

@testable import Voxtile

@Suite("Merging instances") struct InstanceMergeTests {
  private static let edges: [EdgePolicy] = [.shift, .partial, .balance, .discard, .pad(.both)]

  private func grid(
    _ extent: Extent, _ patch: Extent, _ overlap: PerAxis<Int>, _ edge: EdgePolicy = .shift,
    order: PatchOrder = .xFastest
  ) throws -> PatchGrid {
    try PatchGrid(
      over: extent,
      settings: GridSettings(
        patch: patch, overlap: overlap.map { .voxels(min($1, patch[$0] - 1)) }, edge: PerAxis(edge),
        order: order))
  }

  private func masks(_ count: Int) -> some Sequence<[Bool]> {
    (0..<1 << count).lazy.map { bits in (0..<count).map { bits >> $0 & 1 == 1 } }
  }

  private func components(_ mask: [Bool], _ extent: Extent) -> [Int] {
    naiveComponents(mask.map { $0 ? 1 : 0 }, extent: extent, neighbors: 26, joins: true) { $0 != 0 }
  }

  @Test("components of patches become the components of the whole, for every row of up to 7 voxels")
  func everyRow() throws {
    for length in 2...7 {
      let extent = Extent(width: length, height: 1)
      for patch in 2...length {
        for overlap in 1..<patch {
          let grid = try grid(extent, Extent(width: patch, height: 1), PerAxis(overlap))
          guard grid.count > 1 else { continue }
          for mask in masks(length) {
            let cut = try CutInstances(components: mask, grid)
            // In a row, both patches see the same in what they share, so that any threshold will do.
            let settings = InstanceSettings(leastIoU: 1, jobs: .one)
            #expect(try cut.merged(settings).labels == components(mask, extent), "\(mask) \(grid.settings)")
          }
        }
      }
    }
  }

  @Test(
    "where all objects that share a voxel are one, components of patches are those of the whole",
    arguments: [
      (Extent(width: 4, height: 3), Extent(width: 2, height: 2), 1),
      (Extent(width: 4, height: 3), Extent(width: 3, height: 3), 2),
      (Extent(width: 3, height: 2, depth: 2), Extent(2), 1),
    ])
  func everyImage(extent: Extent, patch: Extent, overlap: Int) throws {
    let grid = try grid(extent, patch, PerAxis(overlap))
    try #require(grid.count > 1)
    for mask in masks(extent.voxelCount) {
      let cut = try CutInstances(components: mask, grid)
      let settings = InstanceSettings(leastIoU: 0, jobs: .one)
      #expect(try cut.merged(settings).labels == components(mask, extent), "\(mask)")
    }
  }

  @Test("comparing neighbors finds what comparing all patches finds, whichever are absent")
  func absent() throws {
    for var random in SplitMix64.cases(150, from: 7100) {
      let extent = Extent(
        width: .random(in: 4...9, using: &random), height: .random(in: 4...8, using: &random),
        depth: .random(in: 1...5, using: &random))
      let patch = Extent(width: 4, height: 4, depth: min(extent.depth, 3))
      let edge = Self.edges.randomElement(using: &random) ?? .shift
      let shared = try grid(extent, patch, PerAxis(2), edge)
      guard shared.count > 1 else { continue }
      let mask = (0..<extent.voxelCount).map { _ in Int.random(in: 0..<10, using: &random) < 4 }
      let cut = try CutInstances(components: mask, shared)
      let absent = Set(
        shared.indices.filter { _ in Int.random(in: 0..<3, using: &random) == 0 }.prefix(shared.count - 1))
      let merged = try cut.merged(InstanceSettings(leastIoU: 0, absentPatches: absent, jobs: .one)).labels
      let expected = naiveInstances(
        extent: extent, regions: shared.map { absent.contains($0.index) ? nil : $0.region }
      ) { index, voxel in
        let offset = voxel - shared[index].region.origin
        return Int(cut.patches[index][x: offset.x, y: offset.y, z: offset.z])
      }
      #expect(merged == expected, "\(random) \(edge) \(absent)")
    }
  }

  @Test("objects that every patch sees alike come back, touching or not, in 2D and 3D")
  func phantoms() throws {
    for var random in SplitMix64.cases(60, from: 7200) {
      let depth = Bool.random(using: &random) ? 1 : 14
      let extent = Extent(width: 30, height: 26, depth: depth)
      let whole = balls(in: extent, radii: 1...5, count: 30, apart: -3, using: &random)
      let overlap = Int.random(in: 1...6, using: &random)
      let grid = try grid(
        extent, Extent(width: 12, height: 11, depth: min(depth, 8)),
        PerAxis(overlap),
        Self.edges.filter { $0 != .discard }.randomElement(using: &random) ?? .shift)
      let cut = CutInstances(labels: whole, grid, using: &random)
      let (labels, report) = try cut.merged(InstanceSettings(jobs: .one))
      #expect(labels == numberedInOrder(whole.voxels), "\(random)")
      #expect(report.instanceCount == Set(whole.voxels).subtracting([0]).count, "\(random)")
      #expect(report.unjoinedPairCount == 0 && report.lostObjectCount == 0, "\(random)")
    }
  }

  @Test("patches that draw objects differently split and join none, where an overlap holds them whole")
  func jitter() throws {
    for var random in SplitMix64.cases(30, from: 7300) {
      let extent = Extent(width: 96, height: 72)
      let grid = try grid(extent, Extent(width: 48, height: 48), PerAxis(24))
      let whole = balls(in: extent, radii: 3...5, count: 60, apart: 3, using: &random)
      var cut = CutInstances(labels: whole, grid, using: &random).patches
      // Each patch loses its own random half of each border.
      for index in cut.indices {
        let before = cut[index]
        for voxel in before.extent.positions {
          let label = before[x: voxel.x, y: voxel.y]
          let isBorder = [(-1, 0), (1, 0), (0, -1), (0, 1)].contains { step in
            let next = voxel + Position(x: step.0, y: step.1)
            return Region(before.extent).contains(next) && before[x: next.x, y: next.y] != label
          }
          if isBorder, Bool.random(using: &random) { cut[index][x: voxel.x, y: voxel.y] = 0 }
        }
      }
      let (labels, report) = try grid.mergeInstances(settings: .init(jobs: .one)) { cut[$0.index] }
      // Every object of the whole is one instance, and none is part of two objects.
      let pairs = Set(zip(whole.voxels, labels.voxels).filter { $0.1 != 0 }.map { [Int($0), Int($1)] })
      #expect(pairs.count == report.instanceCount, "\(random)")
      #expect(report.instanceCount == Set(whole.voxels).subtracting([0]).count, "\(random)")
    }
  }

  @Test("order of patches, numbering of the grid, threads and numbers within patches change nothing")
  func order() throws {
    for var random in SplitMix64.cases(40, from: 7400) {
      let extent = Extent(width: 20, height: 17, depth: .random(in: 1...9, using: &random))
      let patch = Extent(width: 9, height: 8, depth: min(extent.depth, 5))
      let overlap = PerAxis(x: 4, y: 3, z: patch.depth / 2)
      let grid = try grid(extent, patch, overlap)
      let leastIoU: Double = [0, 0.2, 0.5, 0.8].randomElement(using: &random) ?? 0
      // Patches that have little to do with each other, as bad as it gets.
      let noise = balls(in: extent, radii: 1...3, count: 60, apart: -2, using: &random)
      let shifted = balls(in: extent, radii: 1...3, count: 60, apart: -2, using: &random)
      let one = CutInstances(labels: noise, grid, using: &random).patches
      let other = CutInstances(labels: shifted, grid, using: &random).patches
      let patches = grid.map { $0.index % 3 == 0 ? other[$0.index] : one[$0.index] }
      func merged(_ order: [Int], jobs: Jobs, _ patches: [Volume<Int32>]) throws -> Volume<UInt32> {
        let settings = InstanceSettings(leastIoU: leastIoU, jobs: jobs)
        let matcher = try InstanceMatcher(grid: grid, settings: settings)
        for index in order { try matcher.add(patches[index], at: grid[index]) }
        let numbering = try matcher.finish()
        let merger = try PatchMerger<UInt32>(grid: grid, blend: .center)
        for index in order.reversed() {
          try merger.add(numbering.renumbered(patches[index], of: grid[index]), at: grid[index])
        }
        var labels = try merger.finish()
        numbering.numberInOrder(&labels)
        return labels
      }
      let plain = try merged(Array(grid.indices), jobs: .one, patches)
      #expect(try merged(grid.indices.shuffled(using: &random), jobs: Jobs(3), patches) == plain, "\(random)")
      let renamed = try patches.map { try CutInstances(renaming: $0, using: &random).patches[0] }
      #expect(try merged(Array(grid.indices), jobs: Jobs(2), renamed) == plain, "\(random)")
      let turned = try self.grid(extent, patch, overlap, order: .zFastest)
      let (labels, _) = try turned.mergeInstances(settings: .init(leastIoU: leastIoU, jobs: .one)) { patch in
        patches[grid.patch(at: patch.gridPosition).index]
      }
      #expect(labels == plain, "\(random)")
    }
  }

  @Test("the image in rows or slices gives what whole patches give")
  func regions() throws {
    for var random in SplitMix64.cases(20, from: 7500) {
      let extent = Extent(width: 14, height: 12, depth: 9)
      let grid = try grid(extent, Extent(6), PerAxis(3))
      let whole = balls(in: extent, radii: 1...4, count: 20, apart: -2, using: &random)
      let cut = CutInstances(labels: whole, grid, using: &random)
      let plain = try cut.merged()
      let (rows, slices) = Bool.random(using: &random) ? (Int.random(in: 1...5, using: &random), 1) : (12, 2)
      let regions = stride(from: 0, to: 9, by: slices).flatMap { z in
        stride(from: 0, to: 12, by: rows).map { y in
          Region(x: 0..<14, y: y..<min(y + rows, 12), z: z..<min(z + slices, 9))
        }
      }
      @Sendable func read(_ patch: Patch, _ part: Region) -> Volume<Int32> {
        cut.patches[patch.index][Region(origin: part.origin - patch.region.origin, extent: part.extent)]
      }
      var matching = try InstanceMatching(grid: grid, settings: InstanceSettings(jobs: Jobs(2)))
      for region in regions { try matching.add(region, of: Int32.self, read: read) }
      let numbering = matching.numbering()
      let merger = try RegionMerger<UInt32>(grid: grid, settings: MergeSettings(blend: .center))
      var labels: [Int] = []
      for region in regions {
        var slab = try merger.merge(region, channels: 1) { patch, part in
          try numbering.renumbered(read(patch, part), of: patch, from: part.origin - patch.region.origin)
        }
        numbering.numberInOrder(&slab)
        labels += slab.voxels.map { Int($0) }
      }
      #expect(labels == plain.labels && numbering.report == plain.report, "\(random) \(rows) \(slices)")
    }
  }
}

extension CutInstances {
  /// Gives the objects of one patch other numbers.
  fileprivate init(renaming volume: Volume<Int32>, using random: inout SplitMix64) throws {
    let grid = try PatchGrid(over: volume.extent, patch: volume.extent, overlap: .voxels(0))
    self.init(labels: volume, grid, using: &random)
  }
}
