import Testing
import Voxtile
import VoxtileInference
import VoxtileTestSupport

/// Whole merges by the systems themselves, against a slow merge that knows a mode's grid and weights only.
@Suite("Merges of other systems") struct CompatibilityMergeTests {
  /// The image of the fixture.
  private func image(_ extent: Extent) throws -> Volume<Float> {
    let voxels = extent.positions.map { at in
      let value = 37 * at.x + 101 * at.y + 59 * at.z + 7 * at.x * at.y + 13 * at.y * at.z
      return Float(value % 256 - 128) / 128
    }
    return try Volume(extent: extent, voxels: voxels)
  }

  /// The network of the fixture: two channels from a value and its place in the patch.
  private func predict(_ patch: Volume<Float>) -> [Double] {
    let places = zip(patch.voxels, patch.extent.positions)
    let first = places.map { value, at in
      Double(value * (0.5 + Float(at.x + 2 * at.y + 3 * at.z) / 64))
    }
    return first
      + places.map { value, at in Double(1 - value + Float(3 * at.x + at.y - 2 * at.z) / 128) }
  }

  private func merge(_ mode: Compatibility, _ grid: PatchGrid, _ predictions: [NaivePatch<Double>]) throws
    -> NaiveMerged
  {
    let weights = try mode.weights(for: grid)
    try weights.check(for: grid)
    return naiveMerge(extent: grid.extent, channels: 2, patches: predictions, fill: .nan) { number, offset in
      weights.weight(at: offset, of: grid[number])
    }
  }

  @Test("a merge equals the system's own", arguments: try CompatibilityGolden.load().merges)
  func goldens(golden: CompatibilityGolden.Merge) throws {
    let mode = try #require(Compatibility(golden.mode))
    let grid = try mode.grid(over: Extent(golden.image), patch: Extent(golden.patch), overlap: golden.overlap)
    let scan = try image(grid.extent)
    let predictions = grid.map { NaivePatch(region: $0.region, values: predict(scan[$0])) }
    let merged = try merge(mode, grid, predictions)
    let expected = try CompatibilityGolden.values(at: golden.offset, count: golden.count).map(Double.init)
    try #require(merged.values.count == expected.count)
    // A voxel without a patch is NaN here, and no comparison with it holds.
    if golden.half {
      let counts = naiveCoverage(extent: grid.extent, regions: grid.map(\.region))
      let largest = predictions.flatMap(\.values).map(abs).max() ?? .nan
      #expect(
        expected.indices.allSatisfy { index in
          let voxel = index % counts.count
          let bound = roundingOfHalf(
            patches: counts[voxel], weight: merged.weights[voxel], magnitude: largest)
          return abs(merged.values[index] - expected[index]) <= bound
        })
    } else {
      let worst = zip(merged.values, expected).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? .nan
      #expect(worst <= 1e-5)
    }
  }

  /// The most by which sums and a division in half precision can be off.
  ///
  /// A sum of `n` products has `n` roundings, each of half a unit of its tenth bit, or of half the least
  /// number (2^-24) where the sum is that small; the sum of the weights has as many, the quotient one.
  private func roundingOfHalf(patches: Int, weight: Double, magnitude: Double) -> Double {
    let count = Double(patches)
    return 1.1 * (count * 0x1p-25 / weight + (2 * count + 1) * 0x1p-11 * magnitude)
  }

  @Test("nnU-Net's sums in half precision leave only whole numbers where a weight is the least there is")
  func wholeNumbers() throws {
    let golden = try #require(CompatibilityGolden.load().merges.first { $0.half && $0.name == "fits" })
    let corner = try CompatibilityGolden.values(at: golden.offset, count: 1)[0]
    let scan = try image(Extent(golden.image))
    let grid = try Compatibility.nnUNet.grid(
      over: scan.extent, patch: Extent(golden.patch), overlap: golden.overlap)
    let weights = try Compatibility.nnUNet.weights(for: grid)
    #expect(weights.weight(at: .zero, of: grid[0]) == 0x1p-24)
    let predicted = predict(scan[grid[0]])[0]
    #expect(predicted == -0.5 && corner == 0)
  }

  @Test("a constant stays constant and no voxel is left out", arguments: Compatibility.allCases)
  func constants(mode: Compatibility) throws {
    for var random in SplitMix64.cases(40, from: 500) {
      let patch = Extent.random(in: 2...6, using: &random)
      var extent = Extent.random(in: 1...11, using: &random)
      if !mode.padsSmallImages { extent = Extent(extent.sizes.map { max($1, patch[$0]) }) }
      let overlap = patch.sizes.map { _, size in
        Overlap.voxels(2 * Int.random(in: 0...(size - 1) / 2, using: &random))
      }
      let grid = try mode.grid(over: extent, patch: patch, overlap: overlap)
      let ones = grid.map {
        NaivePatch(region: $0.region, values: [Double](repeating: 3, count: 2 * $0.region.voxelCount))
      }
      let merged = try merge(mode, grid, ones)
      if mode != .tutorial {
        #expect(grid.coverage.lostVoxels == 0, "\(random)")
        #expect(merged.weights.allSatisfy { $0 > 0 }, "\(random)")
      }
      let counts = naiveCoverage(extent: extent, regions: grid.map(\.region))
      #expect(
        merged.values.indices.allSatisfy { index in
          let value = merged.values[index]
          return counts[index % counts.count] == 0 ? value.isNaN : abs(value - 3) <= 1e-12
        }, "\(random)")
    }
  }

  @Test("patches are numbered as the system visits them, for the axes as it reads them")
  func order() throws {
    for mode in Compatibility.allCases {
      let grid = try mode.grid(over: Extent(20), patch: Extent(10), overlap: .voxels(0))
      let second = grid[1].region.origin
      let xFastest = [.nnUNet, .nnUNetHalf, .patchly].contains(mode)
      #expect(second == (xFastest ? Position(x: 10, y: 0, z: 0) : Position(x: 0, y: 0, z: 10)), "\(mode)")
    }
  }
}
