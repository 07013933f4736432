import Testing
import Voxtile
import VoxtileTestSupport

@Suite("The laws of merging") struct MergeLawTests {
  @Test("crops of a constant merge to that constant, for every policy, padding and blend")
  func constant() throws {
    func check<Scalar: VoxelScalar>(_ type: Scalar.Type, _ random: inout SplitMix64) throws {
      var problem = GridCase.random(sides: 1...7, using: &random)
      let value = randomValue(type, using: &random)
      problem.settings.padding =
        [.constant(value.double), .edge, .reflect, .symmetric, .wrap]
        .randomElement(using: &random) ?? .edge
      let grid = try problem.grid
      let volume = Volume<Scalar>(extent: problem.extent, repeating: value)
      let expected = filled(volume, grid, with: 3)
      for (name, blend) in allBlends {
        let merged: Volume<Scalar> = try merge(grid, blend, fill: 3) { volume[$0] }
        // Infinity times a weight is infinity, but its difference from itself is no number.
        #expect(sameBits(merged, expected), "\(random) \(type) \(name) \(value)")
      }
    }
    for var random in SplitMix64.cases(40, from: 1000) {
      try check(UInt8.self, &random)
      try check(Int16.self, &random)
      try check(UInt32.self, &random)
      try check(Int64.self, &random)
      try check(UInt64.self, &random)
      try check(Float.self, &random)
      try check(Double.self, &random)
    }
  }

  @Test(
    "crop and average is the identity, bit for bit, for every scalar type", arguments: ScalarType.allCases)
  func identity(type: ScalarType) throws {
    func check<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
      for var random in SplitMix64.cases(60, from: 2000) {
        let problem = GridCase.random(sides: 1...8, using: &random)
        let grid = try problem.grid
        let channels = Int.random(in: 1...2, using: &random)
        let volume = try randomVolume(
          problem.extent, channels: channels, as: type, using: &random)
        let merged: Volume<Scalar> = try merge(grid, .average, fill: 5) { volume[$0] }
        #expect(sameBits(merged, filled(volume, grid, with: 5)), "\(random) \(type)")
      }
    }
    try check(type.type)
  }

  @Test(
    "an average of patches that disagree is the number nearest to their mean, for every scalar type",
    arguments: ScalarType.allCases)
  func disagreement(type: ScalarType) throws {
    func check<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
      for var random in SplitMix64.cases(30, from: 2500) {
        // Half of the patch is shared, so that voxels have one, two, four or eight patches, or more at the border.
        let extent = Extent(
          width: Int.random(in: 8...23, using: &random), height: Int.random(in: 4...9, using: &random),
          depth: Int.random(in: 4...7, using: &random))
        let grid = try PatchGrid(
          over: extent, patch: Extent(width: 8, height: 4, depth: 4), overlap: .fraction(0.5))
        // Halves and quarters of small numbers are ties, and the largest numbers must not overflow.
        let values: [Scalar] = [0, 1, 2, 3, Scalar(nearest: -1e38), Scalar(nearest: 1e38)]
        let patches = try grid.map { patch in
          let voxels = (0..<patch.region.voxelCount).map { _ in values.randomElement(using: &random) ?? 0 }
          return try Volume<Scalar>(extent: patch.region.extent, voxels: voxels)
        }
        let merged: Volume<Scalar> = try merge(grid, .average) { patches[$0.index] }
        let ordered = grid.map {
          NaivePatch(region: $0.region, values: patches[$0.index].voxels.map(\.double))
        }
        let naive = naiveMerge(extent: extent, patches: ordered)
        let expected = naive.values.map { Scalar(nearest: $0) }
        // 64-bit numbers and 1e38 are moved from the first value, which rounds elsewhere.
        let isExact = Scalar.scalarType.byteCount < 8
        let isSame = isExact ? merged.voxels == expected : isClose(merged.voxels, expected)
        #expect(isSame, "\(random) \(type)")
      }
    }
    try check(type.type)
  }

  private func isClose<Scalar: VoxelScalar>(_ values: [Scalar], _ expected: [Scalar]) -> Bool {
    let largest = Scalar(nearest: 1e38).double
    return zip(values, expected).allSatisfy { value, expected in
      abs(value.double - expected.double) <= 1 + 1e-12 * largest
    }
  }

  @Test("negative zero and the largest values survive an average")
  func extremes() throws {
    let grid = try PatchGrid(over: Extent(7), patch: Extent(4), overlap: .voxels(3))
    for value in [-0.0, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude] {
      let floats = Volume<Float>(extent: Extent(7), repeating: Float(value))
      #expect(sameBits(try merge(grid, .average) { floats[$0] }, floats))
      let doubles = Volume<Double>(extent: Extent(7), repeating: value)
      #expect(sameBits(try merge(grid, .average) { doubles[$0] }, doubles))
    }
    for value in [Int64.min, .max, .max - 1] {
      let volume = Volume<Int64>(extent: Extent(7), repeating: value)
      for (_, blend) in allBlends { #expect(try merge(grid, blend) { volume[$0] } == volume) }
    }
  }

  @Test("arrival order, jobs and slabs do not change a bit")
  func determinism() throws {
    for var random in SplitMix64.cases(40, from: 3000) {
      let grid = try GridCase.random(sides: 1...8, using: &random).grid
      let patches = try grid.map { patch in
        try randomVolume(patch.region.extent, channels: 2, as: Float.self, using: &random)
      }
      for (name, blend) in allBlends {
        let expected: Volume<Float> = try merge(grid, blend) { patches[$0.index] }
        let order = grid.shuffledPatches(using: &random)
        let shuffled: Volume<Float> = try merge(grid, blend, jobs: Jobs(3), order: order) {
          patches[$0.index]
        }
        #expect(sameBits(shuffled, expected), "\(random) \(name)")
        let slabs = try mergeInSlabs(grid, blend, patches, order: order)
        #expect(sameBits(slabs, expected), "\(random) \(name)")
      }
    }
  }

  @Test("every blend equals its slow reference")
  func references() throws {
    for var random in SplitMix64.cases(60, from: 4000) {
      let grid = try GridCase.random(sides: 1...6, using: &random).grid
      // The slow references count patches as the merge adds them: x before y before z.
      let ordered = grid.sorted {
        ($0.gridPosition.z, $0.gridPosition.y, $0.gridPosition.x)
          < ($1.gridPosition.z, $1.gridPosition.y, $1.gridPosition.x)
      }
      let patches = grid.map { patch in
        Volume<UInt8>.random(patch.region.extent, upTo: 4, using: &random)
      }
      let naive = ordered.map { NaivePatch(region: $0.region, values: patches[$0.index].voxels) }
      let numbers = ordered.map {
        NaivePatch(region: $0.region, values: patches[$0.index].voxels.map(Double.init))
      }
      func fast(_ blend: Blend) throws -> Volume<UInt8> {
        try merge(grid, blend, fill: 200) { patches[$0.index] }
      }
      let extent = grid.extent
      #expect(
        try fast(.maximum).voxels == naiveMaximum(extent: extent, patches: naive, fill: 200), "\(random)")
      #expect(
        try fast(.plainVote).voxels == naiveVote(extent: extent, patches: naive, fill: 200, ties: .smallest),
        "\(random)")
      for (blend, rule) in [(Blend.center, NaiveOwnership.center), (.last, .last)] {
        #expect(
          try fast(blend).voxels
            == naiveOwnedMerge(extent: extent, patches: naive, fill: 200, ownership: rule),
          "\(random) \(rule)")
      }
      for (name, profile) in naiveProfiles {
        let expected = naiveMerge(extent: extent, patches: numbers, fill: 200) { _, length in
          (0..<length).map { profile($0, length) }
        }
        let blend = try #require(allBlends.first { $0.name == name }?.blend)
        let merged: Volume<Double> = try merge(grid, blend, fill: 200) { patches[$0.index] }
        for (a, b) in zip(merged.voxels, expected.values) {
          #expect(abs(a - b) <= 1e-12 * max(1, abs(b)), "\(random) \(name)")
        }
      }
    }
  }

  @Test("slices of many blocks of rows equal their slow reference too")
  func manyBlocks() throws {
    // Blocks hold about 8192 values, so that these slices have six and four.
    for extent in [Extent(width: 300, height: 150, depth: 2), Extent(width: 9000, height: 4)] {
      let grid = try PatchGrid(
        over: extent,
        settings: GridSettings(
          patch: Extent(width: extent.width / 3, height: extent.height / 2, depth: extent.depth),
          overlap: PerAxis(x: .fraction(0.3), y: .fraction(0.4), z: .voxels(0))))
      var random = SplitMix64(seed: 9000)
      let patches = grid.map { Volume<UInt8>.random($0.region.extent, upTo: 200, using: &random) }
      let numbers = grid.map {
        NaivePatch(region: $0.region, values: patches[$0.index].voxels.map(Double.init))
      }
      for (name, profile) in naiveProfiles {
        let expected = naiveMerge(extent: extent, patches: numbers) { _, length in
          (0..<length).map { profile($0, length) }
        }
        let blend = try #require(allBlends.first { $0.name == name }?.blend)
        let merged: Volume<Double> = try merge(grid, blend, jobs: Jobs(2)) { patches[$0.index] }
        let worst = zip(merged.voxels, expected.values).map { abs($0 - $1) }.max() ?? 0
        #expect(worst < 1e-9, "\(name) over \(extent)")
      }
    }
  }

  @Test("integers are rounded to nearest, ties to even, and saturated")
  func rounding() throws {
    let grid = try PatchGrid(
      over: Extent(width: 3, height: 1), patch: Extent(width: 2, height: 1), overlap: .voxels(1))
    func middle<Scalar: VoxelScalar>(_ a: Scalar, _ b: Scalar) throws -> Scalar {
      let merged: Volume<Scalar> = try merge(grid, .average) {
        Volume(extent: $0.region.extent, repeating: $0.index == 0 ? a : b)
      }
      return merged[x: 1, y: 0]
    }
    #expect(try middle(1 as UInt8, 2) == 2)
    #expect(try middle(2 as UInt8, 3) == 2)
    #expect(try middle(-1 as Int16, -2) == -2)
    let last = Int64.max
    #expect(try middle(last, last - 1) == last - 1)
    let floats = Volume<Float>(extent: Extent(width: 2, height: 1), repeating: 300.5)
    let saturated: Volume<UInt8> = try merge(grid, .average) { _ in floats }
    #expect(saturated.voxels == [255, 255, 255])
  }

  @Test("six covers whose sum is odd are a tie")
  func sixths() throws {
    // 2 x 3 covers of 1 and 2, nine in all: 1.5.
    let grid = try PatchGrid(
      over: Extent(width: 5, height: 4),
      settings: GridSettings(
        patch: Extent(width: 3, height: 3),
        overlap: PerAxis(x: .voxels(2), y: .voxels(2), z: .voxels(0))))
    let merged: Volume<UInt8> = try merge(grid, .average) {
      Volume(extent: $0.region.extent, repeating: $0.index.isMultiple(of: 2) ? 1 : 2)
    }
    #expect(grid.coverage.count(at: Position(x: 2, y: 1)) == 6)
    #expect(merged[x: 2, y: 1] == 2)
  }

  @Test("2D is 3D with depth 1, and permuting axes permutes the result")
  func symmetry() throws {
    for var random in SplitMix64.cases(30, from: 5000) {
      let problem = GridCase.random(sides: 1...6, using: &random)
      let grid = try problem.grid
      let turned = try problem.turned.grid
      let values = try randomVolume(problem.extent, as: Float.self, using: &random)
      for (name, blend) in allBlends {
        let merged: Volume<Float> = try merge(grid, blend) { marked(values[$0], $0.gridPosition) }
        let other: Volume<Float> = try merge(turned, blend) { patch in
          let place = patch.gridPosition
          let origin = Position(x: place.y, y: place.z, z: place.x)
          return marked(values[grid.patch(at: origin)], origin).turned
        }
        let difference = zip(merged.turned.voxels, other.voxels).map { abs($0 - $1) / max(1, abs($0)) }
        #expect((difference.max() ?? 0) < 1e-5, "\(random) \(name)")
      }
    }
  }

  /// The volume with the fill in the voxels that the grid does not cover.
  private func filled<Scalar>(_ volume: Volume<Scalar>, _ grid: PatchGrid, with fill: Double) -> Volume<
    Scalar
  > {
    var filled = volume
    let coverage = grid.coverage
    for (index, voxel) in volume.extent.positions.enumerated() where coverage.count(at: voxel) == 0 {
      for channel in 0..<volume.channels {
        filled.voxels[channel * volume.extent.voxelCount + index] = Scalar(nearest: fill)
      }
    }
    return filled
  }

  /// Merges in slabs and puts them together again.
  private func mergeInSlabs(
    _ grid: PatchGrid, _ blend: Blend, _ patches: [Volume<Float>], order: [Patch]
  ) throws -> Volume<Float> {
    let slabs = Slabs()
    try PatchMerger<Float>.mergeSlabs(of: grid, settings: MergeSettings(blend: blend)) {
      slabs.append($0)
    } adding: { merger in
      for patch in order { try merger.add(patches[patch.index], at: patch) }
    }
    return try slabs.joined(extent: grid.extent, channels: 2)
  }

  /// Values that tell one patch from another, small enough for exact sums.
  private func marked(_ volume: Volume<Float>, _ place: Position) -> Volume<Float> {
    var marked = volume
    let mark = Float(place.x * 3 + place.y * 5 + place.z * 7)
    for index in marked.voxels.indices { marked.voxels[index] = mark + Float(index % 11) }
    return marked
  }
}
