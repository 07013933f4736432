import Testing
import Voxtile
import VoxtileTestSupport

@Suite("Crop") struct CropTests {
  private let paddings: [Padding] = [.constant(7), .edge, .reflect, .symmetric, .wrap]

  @Test("a box, inside the image or around it, is what mapping each index gives")
  func boxes() throws {
    for var random in SplitMix64.cases(300, from: 100) {
      let extent = Extent.random(in: 1...6, using: &random)
      let channels = Int.random(in: 1...3, using: &random)
      let volume = try randomVolume(extent, channels: channels, as: Int16.self, using: &random)
      let region = Region(
        origin: Position(
          x: .random(in: -9...9, using: &random), y: .random(in: -9...9, using: &random),
          z: .random(in: -9...9, using: &random)),
        extent: .random(in: 1...12, using: &random))
      let padding = try #require(paddings.randomElement(using: &random))
      let expected = naiveCrop(
        volume.voxels, extent: extent, channels: channels, region: region, padding: padding,
        constant: 7)
      #expect(volume[region, padding: padding].voxels == expected, "\(random) \(region) \(padding)")
    }
  }

  @Test("all patches in one array are the patches one at a time, for any number of jobs")
  func array() throws {
    for var random in SplitMix64.cases(60, from: 200) {
      let problem = GridCase.random(sides: 1...7, using: &random)
      let grid = try problem.grid
      let volume = try randomVolume(problem.extent, channels: 2, as: UInt8.self, using: &random)
      let isOneSize = Set(grid.map(\.region.extent)).count == 1
      guard isOneSize else {
        #expect(throws: VoxtileError.self, "\(random)") { try volume.patches(of: grid) }
        continue
      }
      let array = try volume.patches(of: grid, jobs: Jobs(3))
      #expect(array.shape == [grid.count, 2, grid.patch.depth, grid.patch.height, grid.patch.width])
      for patch in grid { #expect(array[patch.index] == volume[patch], "\(random) \(patch)") }
      #expect(try volume.patches(of: grid, jobs: .one) == array, "\(random)")
    }
  }

  @Test(
    "patches cut from what a window reads are the patches cut from the whole",
    arguments: CropStep.allCases)
  func windows(step: CropStep) throws {
    for var random in SplitMix64.cases(100, from: 300) {
      var problem = GridCase.random(sides: 1...9, using: &random)
      problem.settings.padding = try #require(paddings.randomElement(using: &random))
      let grid = try problem.grid
      let volume = try randomVolume(problem.extent, channels: 2, as: Float.self, using: &random)
      var window = CropWindow<Float>(grid: grid, step: step)
      let most = window.largestVoxelCount
      var next = 0
      var seen: Set<Int> = []
      for group in 0..<window.groupCount {
        try window.advance(to: group) { region in
          #expect(region.voxelCount <= most, "\(random)")
          if step == .layer {
            #expect(region.z.lowerBound == next && region.x == 0..<problem.extent.width, "\(random)")
            next = region.z.upperBound
          }
          return volume[region]
        }
        for patch in window.patches(inGroup: group) {
          #expect(sameBits(window[patch], volume[patch]), "\(random) \(patch)")
          #expect(window[patch].metadata.origin == patch.region.origin, "\(random) \(patch)")
          seen.insert(patch.index)
        }
      }
      #expect(seen.count == grid.count && next <= problem.extent.depth, "\(random)")
    }
  }

  @Test("a window holds no more than a patch and a stride of slices, rows or one patch")
  func windowSize() throws {
    let grid = try PatchGrid(
      over: Extent(width: 20, height: 30, depth: 100), patch: Extent(8), overlap: .voxels(3))
    #expect(CropWindow<UInt8>(grid: grid).largestVoxelCount <= (8 + 5) * 20 * 30)
    #expect(CropWindow<UInt8>(grid: grid, step: .row).largestVoxelCount == 8 * 8 * 20)
    #expect(CropWindow<UInt8>(grid: grid, step: .patch).largestVoxelCount == 8 * 8 * 8)
  }

  @Test("a patch knows where it was cut")
  func metadata() throws {
    let affine = Affine(rows: [[0, -2, 0, 10], [1, 0, 0, -20], [0, 0, 3, 5]])
    var volume = Volume<UInt8>(extent: Extent(9))
    volume.metadata = VolumeMetadata(affine: affine)
    let patch = volume[Region(x: 2..<4, y: 3..<5, z: 4..<6)]
    #expect(patch.metadata.origin == Position(x: 2, y: 3, z: 4))
    #expect(patch.metadata.affine.world(x: 0, y: 0, z: 0) == affine.world(x: 2, y: 3, z: 4))
    let inner = patch[Region(x: 1..<2, y: 1..<2, z: 1..<2)]
    #expect(inner.metadata.origin == Position(x: 3, y: 4, z: 5))
  }

  @Test("a grid over another extent is refused, naming both")
  func otherExtent() throws {
    let volume = Volume<UInt8>(extent: Extent(8))
    let grid = try PatchGrid(over: Extent(9), patch: Extent(4), overlap: .voxels(0))
    let error = #expect(throws: VoxtileError.self) { try volume.patches(of: grid) }
    #expect(error?.code == .shapeMismatch)
    #expect(error?.message.contains("9x9x9") == true && error?.message.contains("8x8x8") == true)
  }

  @Test("a window never reads an empty box, and reads each slice once where layers are cut")
  func windowReads() throws {
    for padding in paddings {
      for edge in EdgePolicy.allCases {
        for problem in AxisCase.all(upTo: 6) {
          let extent = Extent(width: 3, height: 2, depth: problem.length)
          let settings = GridSettings(
            patch: Extent(width: 3, height: 2, depth: problem.patch),
            overlap: PerAxis(x: .voxels(0), y: .voxels(0), z: .voxels(problem.overlap)),
            edge: PerAxis(x: .shift, y: .shift, z: edge), padding: padding)
          guard let grid = try? PatchGrid(over: extent, settings: settings) else { continue }
          var window = CropWindow<UInt8>(grid: grid)
          var slices: [Int] = []
          for group in 0..<window.groupCount {
            try window.advance(to: group) { region in
              #expect(region.voxelCount > 0, "\(problem), \(edge), \(padding)")
              slices += Array(region.z)
              return Volume(extent: region.extent)
            }
          }
          #expect(slices == Array(0..<slices.count), "\(problem), \(edge), \(padding)")
        }
      }
    }
  }

  @Test("a patch is cut into the memory of one that is merged, and is the same")
  func reusedMemory() throws {
    var random = SplitMix64(seed: 9)
    let volume = Volume<Int16>.random(Extent(width: 40, height: 30, depth: 20), upTo: 999, using: &random)
    for edge in [EdgePolicy.shift, .partial] {
      let grid = try PatchGrid(
        over: volume.extent,
        settings: GridSettings(
          patch: Extent(width: 16, height: 16, depth: 8), overlap: PerAxis(.voxels(4)), edge: PerAxis(edge)))
      let merger = try PatchMerger<Int16>(grid: grid, blend: .average)
      var reused = 0
      for patch in grid {
        let spent: Volume<Int16>? = merger.takeSpent()
        if spent != nil { reused += 1 }
        let values = volume.cut(patch, reusing: spent)
        #expect(values == volume[patch])
        #expect(values.metadata == volume[patch].metadata)
        try merger.add(values, at: patch)
      }
      #expect(reused > 0)
      #expect(try merger.finish() == volume)
    }
  }

  @Test("memory that someone else has, too, or of another size is not written to")
  func sharedMemory() throws {
    let volume = Volume<UInt8>(extent: Extent(width: 8, height: 8), repeating: 7)
    let grid = try PatchGrid(over: volume.extent, patch: Extent(width: 4, height: 4), overlap: .voxels(0))
    let kept = Volume<UInt8>(extent: Extent(width: 4, height: 4), repeating: 1)
    #expect(volume.cut(grid[1], reusing: kept) == volume[grid[1]])
    #expect(kept.voxels.allSatisfy { $0 == 1 })
    let other = Volume<UInt8>(extent: Extent(width: 4, height: 5), repeating: 1)
    #expect(volume.cut(grid[1], reusing: other) == volume[grid[1]])
    let channels = Volume<UInt8>(extent: Extent(width: 4, height: 4), channels: 2, repeating: 1)
    #expect(volume.cut(grid[1], reusing: channels) == volume[grid[1]])
  }

  @Test("a merger keeps at most a layer of patches, and none is lost to one who asks for another type")
  func keptPatches() throws {
    let grid = try PatchGrid(
      over: Extent(width: 8, height: 8, depth: 20), patch: Extent(width: 4, height: 4, depth: 2),
      overlap: .voxels(0))
    let merger = try PatchMerger<Int16>(grid: grid, blend: .average)
    #expect(merger.takeSpent() as Volume<Int16>? == nil)
    // Half of ten layers of four: twenty patches are merged, and as many are still to come.
    for patch in grid.prefix(20) {
      try merger.add(Volume<Int16>(extent: patch.region.extent, repeating: 1), at: patch)
    }
    #expect(merger.takeSpent() as Volume<Float>? == nil)
    var kept = 0
    while (merger.takeSpent() as Volume<Int16>?) != nil { kept += 1 }
    #expect(kept == 4)
  }
}
