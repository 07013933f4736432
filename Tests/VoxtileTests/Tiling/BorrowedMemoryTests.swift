import Testing
import Voxtile
import VoxtileTestSupport

/// Images and results in memory of the caller's, dense or not.
@Suite("Memory of the caller's") struct BorrowedMemoryTests {
  /// The values of a volume, laid out in a buffer whose gaps hold 77.
  private func buffer(_ volume: Volume<Int16>, _ layout: BufferLayout) -> [Int16] {
    var values = [Int16](
      repeating: 77, count: layout.valueCount(of: volume.extent, channels: volume.channels))
    for channel in 0..<volume.channels {
      for voxel in volume.extent.positions {
        let place =
          voxel.x * layout.column + voxel.y * layout.row + voxel.z * layout.slice + channel * layout.channel
        values[place] = volume[x: voxel.x, y: voxel.y, z: voxel.z, channel: channel]
      }
    }
    return values
  }

  /// Planar, interleaved and padded layouts of an image.
  private func layouts(_ extent: Extent, _ channels: Int) -> [(name: String, layout: BufferLayout)] {
    [
      ("planar", .planar(extent)),
      ("planar, long rows", .planar(extent, rowLength: extent.width + 3)),
      ("interleaved", .interleaved(extent, channels: channels)),
      (
        "interleaved, long rows",
        .interleaved(extent, channels: channels, rowLength: extent.width * channels + 5)
      ),
      (
        "three of four interleaved, slices apart",
        BufferLayout(
          column: channels + 1, row: extent.width * (channels + 1) + 2,
          slice: (extent.width * (channels + 1) + 2) * extent.height + 7, channel: 1)
      ),
    ]
  }

  @Test("a patch of a buffer is that patch of the volume, for every layout, policy and padding")
  func cut() throws {
    let paddings = [Padding.constant(-5), .edge, .reflect, .symmetric, .wrap]
    for var random in SplitMix64.cases(60, from: 14_000) {
      var problem = GridCase.random(sides: 1...6, using: &random)
      problem.settings.padding = paddings[Int(random.seed) % paddings.count]
      let grid = try problem.grid
      let channels = Int.random(in: 1...3, using: &random)
      let volume = try randomVolume(grid.extent, channels: channels, as: Int16.self, using: &random)
      for (name, layout) in layouts(grid.extent, channels) {
        let values = buffer(volume, layout)
        for patch in grid {
          var cut = [Int16](repeating: 99, count: patch.region.voxelCount * channels)
          var span = cut.mutableSpan
          try grid.cut(patch, channels: channels, from: values.span, lying: layout, into: &span)
          #expect(cut == volume[patch].voxels, "\(random) \(name) \(patch)")
        }
      }
    }
  }

  @Test("a volume is made from every layout")
  func volumes() throws {
    for var random in SplitMix64.cases(40, from: 15_000) {
      let extent = Extent.random(in: 1...6, using: &random)
      let channels = Int.random(in: 1...4, using: &random)
      let volume = try randomVolume(extent, channels: channels, as: Int16.self, using: &random)
      for (name, layout) in layouts(extent, channels) {
        let values = buffer(volume, layout)
        let copy = try Volume(extent: extent, channels: channels, copying: values.span, lying: layout)
        #expect(copy == volume, "\(random) \(name)")
      }
    }
  }

  @Test("red, green and blue are taken apart")
  func colors() throws {
    let extent = Extent(width: 2, height: 2)
    // Two rows of two pixels and a byte that belongs to none.
    let pixels: [UInt8] = [1, 2, 3, 4, 5, 6, 0, 7, 8, 9, 10, 11, 12, 0]
    let layout = BufferLayout.interleaved(extent, channels: 3, rowLength: 7)
    let volume = try Volume(extent: extent, channels: 3, copying: pixels.span, lying: layout)
    #expect(volume.voxels == [1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12])
  }

  @Test("a buffer that ends too early and memory of another size are refused, naming both sizes")
  func refusals() throws {
    let grid = try PatchGrid(over: Extent(4), patch: Extent(2), overlap: .voxels(0))
    let values = [Float](repeating: 0, count: 64)
    var memory = [Float](repeating: 0, count: 8)
    var span = memory.mutableSpan
    try grid.cut(grid[7], from: values.span, into: &span)
    let early = #expect(throws: VoxtileError.self) {
      try Volume(extent: Extent(4), copying: values.span, lying: .planar(Extent(4), rowLength: 5))
    }
    #expect(early?.code == .shapeMismatch)
    #expect(early?.message.contains("79") == true && early?.message.contains("64") == true)
    var errors: [VoxtileError] = []
    do { try grid.cut(grid[7], channels: 2, from: values.span, into: &span) } catch { errors.append(error) }
    do { try grid.cut(grid[7], from: [Float](values.dropLast()).span, into: &span) } catch {
      errors.append(error)
    }
    let other = try PatchGrid(over: Extent(4), patch: Extent(2), overlap: .voxels(1))
    do { try grid.cut(other[1], from: values.span, into: &span) } catch { errors.append(error) }
    var few = [Float](repeating: 0, count: 7)
    var small = few.mutableSpan
    do { try grid.cut(grid[7], from: values.span, into: &small) } catch { errors.append(error) }
    #expect(errors.map(\.code) == [.shapeMismatch, .shapeMismatch, .shapeMismatch, .shapeMismatch])
  }

  @Test("a merge into memory has the bits of a merge into a volume, for every blend and any arrival order")
  func merged() throws {
    for var random in SplitMix64.cases(30, from: 16_000) {
      let grid = try GridCase.random(sides: 1...6, using: &random).grid
      let patches = try grid.map { patch in
        try randomVolume(patch.region.extent, channels: 2, as: Float.self, using: &random)
      }
      for (name, blend) in allBlends {
        let expected: Volume<Float> = try merge(grid, blend, fill: 3) { patches[$0.index] }
        var values = [Float](repeating: 99, count: 2 * grid.extent.voxelCount)
        var span = values.mutableSpan
        let order = grid.shuffledPatches(using: &random)
        let count = try PatchMerger<Float>.merge(
          grid, settings: MergeSettings(blend: blend, fill: 3), channels: 2, into: &span
        ) { merger in
          for patch in order { try merger.add(patches[patch.index], at: patch) }
          return order.count
        }
        let found = try Volume(extent: grid.extent, channels: 2, voxels: values)
        #expect(sameBits(found, expected) && count == grid.count, "\(random) \(name)")
      }
    }
  }

  @Test("memory of another size and patches of another number of channels are refused")
  func mergeRefusals() throws {
    let grid = try PatchGrid(over: Extent(4), patch: Extent(2), overlap: .voxels(0))
    let settings = MergeSettings(blend: .average)
    var values = [Float](repeating: 0, count: 64)
    var codes: [VoxtileError.Code] = []
    for channels in [1, 2] {
      do {
        var span = values.mutableSpan
        try PatchMerger<Float>.merge(grid, settings: settings, channels: channels, into: &span) { merger in
          try merger.add(Volume<Float>(extent: Extent(2), channels: 2), at: grid[0])
        }
      } catch let error as VoxtileError {
        codes.append(error.code)
      }
    }
    #expect(codes == [.shapeMismatch, .shapeMismatch])
  }

  @Test(
    "a merger into foreign memory gives the bits of one with a volume, in any order, and says what is missing"
  )
  func mergeIntoForeignMemory() throws {
    for var random in SplitMix64.cases(20, from: 16_000) {
      let grid = try GridCase.random(sides: 1...6, using: &random).grid
      let patches = try grid.map { patch in
        try randomVolume(patch.region.extent, channels: 2, as: Float.self, using: &random)
      }
      let expected: Volume<Float> = try merge(grid, .gaussian, fill: 3) { patches[$0.index] }
      var values = [Float](repeating: 99, count: 2 * grid.extent.voxelCount)
      let order = grid.shuffledPatches(using: &random)
      try values.withUnsafeMutableBufferPointer { memory in
        let merger = try MemoryMerger<Float>(
          grid: grid, settings: MergeSettings(blend: .gaussian, fill: 3), channels: 2, into: memory)
        #expect(throws: VoxtileError.self) { try merger.checkComplete() }
        for patch in order { try merger.add(patches[patch.index], at: patch) }
        try merger.checkComplete()
      }
      let found = try Volume(extent: grid.extent, channels: 2, voxels: values)
      #expect(sameBits(found, expected), "\(random)")
    }
  }

  @Test("foreign memory of another size is refused")
  func foreignMemoryOfAnotherSize() throws {
    let grid = try PatchGrid(over: Extent(4), patch: Extent(2), overlap: .voxels(0))
    var values = [Float](repeating: 0, count: 63)
    values.withUnsafeMutableBufferPointer { memory in
      for channels in [-1, 0, 1, 2, .max] {
        let error = #expect(throws: VoxtileError.self) {
          _ = try MemoryMerger<Float>(
            grid: grid, settings: MergeSettings(blend: .average), channels: channels, into: memory)
        }
        #expect(error?.code == .shapeMismatch)
      }
    }
  }

  @Test("patches that are copied from any layout give the same bits, whatever memory is used again")
  func mergeCopies() throws {
    for var random in SplitMix64.cases(30, from: 17_000) {
      let grid = try GridCase.random(sides: 1...6, using: &random).grid
      let channels = Int.random(in: 1...2, using: &random)
      let patches = try grid.map { patch in
        try randomVolume(patch.region.extent, channels: channels, as: Int16.self, using: &random)
      }
      let expected: Volume<Int16> = try merge(grid, .vote, fill: 3) { patches[$0.index] }
      var values = [Int16](repeating: 99, count: channels * grid.extent.voxelCount)
      let order = grid.shuffledPatches(using: &random)
      try values.withUnsafeMutableBufferPointer { memory in
        let merger = try MemoryMerger<Int16>(
          grid: grid, settings: MergeSettings(blend: .vote, fill: 3), channels: channels, into: memory)
        for (number, patch) in order.enumerated() {
          let layouts = layouts(patch.region.extent, channels)
          let layout = layouts[number % layouts.count].layout
          var copy = buffer(patches[patch.index], layout)
          try merger.add(copying: copy.span, channels: channels, lying: layout, at: patch)
          // The caller's memory is the caller's again.
          copy.indices.forEach { copy[$0] = -1 }
        }
        try merger.checkComplete()
      }
      let found = try Volume(extent: grid.extent, channels: channels, voxels: values)
      #expect(sameBits(found, expected), "\(random)")
    }
  }

  @Test("large patches are copied by several threads, and one that ends too early is refused")
  func copiesOfLargePatches() throws {
    let grid = try PatchGrid(
      over: Extent(width: 120, height: 110, depth: 100), patch: Extent(80), overlap: .voxels(60))
    var scan = Volume<Float>(extent: grid.extent)
    for index in scan.voxels.indices { scan.voxels[index] = Float(index % 1009) }
    var values = [Float](repeating: 99, count: grid.extent.voxelCount)
    try values.withUnsafeMutableBufferPointer { memory in
      let merger = try MemoryMerger<Float>(
        grid: grid, settings: MergeSettings(blend: .average, jobs: Jobs(3)), into: memory)
      let layout = BufferLayout.planar(grid.patch)
      let error = #expect(throws: VoxtileError.self) {
        try merger.add(
          copying: [Float](repeating: 0, count: 80 * 80 * 80 - 1).span, lying: layout, at: grid[0])
      }
      #expect(error?.code == .shapeMismatch)
      for patch in grid { try merger.add(copying: scan[patch].voxels.span, lying: layout, at: patch) }
      try merger.checkComplete()
    }
    #expect(values == scan.voxels)
  }
}
