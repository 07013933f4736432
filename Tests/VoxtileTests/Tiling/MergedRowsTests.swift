import Synchronization
import Testing
import VoxtileTestSupport

@testable import Voxtile

@Suite("rows that are merged before their slices are complete") struct MergedRowsTests {
  private static let blends: [Blend] = [
    .average, .gaussian(sigma: 0.125), .center, .last, .maximum, .majority(.uniform),
  ]

  /// A grid over a small image, and patches of it that will not come.
  private static func problem(_ random: inout SplitMix64) throws -> (PatchGrid, absent: Set<Int>) {
    func size(_ most: Int) -> Int { Int.random(in: 1...most, using: &random) }
    let patch = Extent(width: size(6), height: size(6), depth: size(5))
    let overlap = PerAxis(x: size(patch.width), y: size(patch.height), z: size(patch.depth)).map {
      Overlap.voxels($1 - 1)
    }
    let edges = EdgePolicy.allCases
    let edge = PerAxis(
      x: edges.randomElement(using: &random)!, y: edges.randomElement(using: &random)!,
      z: edges.randomElement(using: &random)!)
    let extent = Extent(
      width: 6 + size(9), height: 6 + size(14), depth: [1, 5 + size(9)].randomElement(using: &random)!)
    let flat = extent.depth == 1
    let grid = try PatchGrid(
      over: extent,
      settings: GridSettings(
        patch: Extent(width: patch.width, height: patch.height, depth: flat ? 1 : patch.depth),
        overlap: PerAxis(x: overlap.x, y: overlap.y, z: flat ? .voxels(0) : overlap.z), edge: edge))
    let absent = grid.indices.filter { _ in size(9) == 1 }
    return (grid, absent.count < grid.count ? Set(absent) : [])
  }

  @Test("they have the same bits, whatever the order of the patches and wherever they go")
  func sameBits() throws {
    var random = SplitMix64(seed: 41)
    for number in 0..<30 {
      let (grid, absent) = try Self.problem(&random)
      let blend = Self.blends[number % Self.blends.count]
      let settings = MergeSettings(blend: blend, fill: -7, absentPatches: absent, jobs: Jobs(1 + number % 3))
      let scan = Volume<Float>.random(grid.extent, upTo: 5, using: &random)
      let order = grid.filter { !absent.contains($0.index) }
      let orders = [order, order.shuffled(using: &random)]

      func add(_ patches: [Patch], to merger: borrowing PatchMerger<Float>) throws {
        for patch in patches {
          // Into memory of one that is merged, which nobody may need any more.
          var values = scan.cut(patch, reusing: merger.takeSpent())
          for index in values.voxels.indices { values.voxels[index] += Float(patch.index % 3) }
          try merger.add(values, at: patch)
          #expect(throws: VoxtileError.self) { try merger.add(values, at: patch) }
        }
      }
      func merged(_ patches: [Patch], _ least: Int) throws -> Volume<Float> {
        let merger = try PatchMerger<Float>(grid: grid, settings: settings, sink: .volume, leastVoxels: least)
        try add(patches, to: merger)
        return try merger.finish()
      }
      let expected = try merged(order, .max).voxels
      for (patches, least) in zip(orders + orders, [1, 1, 30, 30]) {
        #expect(try merged(patches, least).voxels == expected, "\(grid), \(blend.name), at least \(least)")
        let slabs = Slabs()
        let toSlabs = try PatchMerger<Float>(
          grid: grid, settings: settings, sink: .slabs { slabs.append($0) }, leastVoxels: least)
        try add(patches, to: toSlabs)
        try toSlabs.checkComplete()
        #expect(try slabs.joined(extent: grid.extent, channels: 1).voxels == expected)
        var memory = [Float](repeating: 99, count: expected.count)
        try memory.withUnsafeMutableBufferPointer { buffer in
          let toMemory = try PatchMerger<Float>(
            grid: grid, settings: settings, sink: .memory(DisjointOutput(buffer), channels: 1),
            leastVoxels: least)
          try add(patches, to: toMemory)
          try toMemory.checkComplete()
        }
        #expect(memory == expected)
      }
    }
  }

  @Test("a missing patch is named when the rows before it are merged and gone")
  func missing() throws {
    let grid = try PatchGrid(
      over: Extent(width: 8, height: 12, depth: 4), patch: Extent(4), overlap: .voxels(0))
    let merger = try PatchMerger<Float>(
      grid: grid, settings: MergeSettings(blend: .average), sink: .volume, leastVoxels: 1)
    let values = Volume<Float>(extent: Extent(4), repeating: 1)
    for patch in grid where patch.index != 4 { try merger.add(values, at: patch) }
    let error = #expect(throws: VoxtileError.self) { try merger.checkComplete() }
    #expect(error?.message.contains("1 of 6 patches were never added (4)") == true)
    try merger.add(values, at: grid[4])
    #expect(try merger.finish().voxels.allSatisfy { $0 == 1 })
  }

  /// The most patches at hand while all come in the order of the grid.
  private func mostHeld(of grid: PatchGrid) throws -> Int {
    var held = HeldPatches(of: grid, settings: MergeSettings(blend: .average))
    var volumes: [Extent: Volume<UInt8>] = [:]
    var most = 0
    for patch in grid {
      let extent = patch.region.extent
      let volume = volumes[extent] ?? Volume<UInt8>(extent: extent)
      volumes[extent] = volume
      try held.add(volume, at: patch)
      if patch.gridPosition.x == grid.counts.x - 1 {
        most = max(most, held.layers.values.joined().count { $0 != nil })
      }
      while let box = held.readyBox(ofAtLeast: MergeSchedule.leastVoxels) {
        held.didMerge(box, keepingMemory: false)
      }
    }
    try held.checkComplete()
    return most
  }

  @Test("what is held at most is what the schedule says")
  func held() throws {
    func grid(_ extent: Extent, _ patch: Extent, _ overlap: Int, _ edge: EdgePolicy = .shift) throws
      -> PatchGrid
    {
      try PatchGrid(
        over: extent,
        settings: GridSettings(
          patch: patch, overlap: patch.sizes.map { Overlap.voxels($1 == 1 ? 0 : overlap) },
          edge: PerAxis(edge)))
    }
    let brain = Extent(width: 512, height: 512, depth: 300)
    for (grid, expected) in [
      // Layers of 8 rows of 8 patches: a whole one, and the three rows over the next lines, since two rows are merged at a time.
      // The last layer of 300 slices was shifted, and so all of the two before it are there when it begins.
      (try grid(Extent(width: 512, height: 512, depth: 288), Extent(96), 32), 64 + 3 * 8),
      (try grid(brain, Extent(96), 32), 2 * 64 + 2 * 8),
      // The last row was shifted, and lies over two others.
      (try grid(Extent(width: 8192, height: 8192), Extent(width: 512, height: 512), 64), 3 * 19),
    ] {
      let most = try mostHeld(of: grid)
      #expect(most == expected, "\(grid)")
    }
    for edge in EdgePolicy.allCases {
      for overlap in [0, 32, 50] {
        for patch in [Extent(64), Extent(width: 96, height: 64, depth: 80)] {
          let grid = try grid(Extent(width: 333, height: 250, depth: 222), patch, overlap, edge)
          let most = try mostHeld(of: grid)
          let bound = MergeSchedule(grid).maxHeldPatchesInOrder
          #expect(
            most <= bound && bound <= min(MergeSchedule(grid).maxHeldPatches, grid.count), "\(most), \(grid)")
        }
      }
    }
  }
}
