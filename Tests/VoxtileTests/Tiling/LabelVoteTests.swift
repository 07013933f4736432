import Testing
import Voxtile
import VoxtileTestSupport

@Suite("LabelVote") struct LabelVoteTests {
  /// Five patches of one voxel width each over the middle of a row.
  private func winner(
    _ labels: [UInt16], weights: [Double]? = nil, isPlain: Bool = false
  ) throws -> UInt16 {
    let length = labels.count
    let grid = try PatchGrid(
      over: Extent(width: 2 * length - 1, height: 1), patch: Extent(width: length, height: 1),
      overlap: .voxels(length - 1))
    let profile = BlendProfile("given") { count, axis in
      // The middle voxel is the last of the first patch and the first of the last one.
      axis == .x ? (weights ?? [Double](repeating: 1, count: count)).reversed() : [1]
    }
    let merged: Volume<UInt16> = try merge(grid, isPlain ? .plainVote : .majority(profile)) {
      Volume<UInt16>(extent: $0.region.extent, repeating: labels[$0.index])
    }
    return merged[x: length - 1, y: 0]
  }

  @Test("the majority wins, not the mean")
  func majority() throws {
    #expect(try winner([1, 4, 4, 4, 1]) == 4)
    #expect(try winner([9, 9, 1, 1, 1]) == 1)
  }

  @Test("ties of a plain vote go to the lowest label, whoever voted first")
  func plainTies() throws {
    #expect(try winner([7, 3], isPlain: true) == 3)
    #expect(try winner([3, 7], isPlain: true) == 3)
    #expect(try winner([5, 2, 5, 2], isPlain: true) == 2)
    #expect(try winner([9, 8, 7], isPlain: true) == 7)
  }

  @Test("ties go to the patch with the nearest center, then to the lowest index")
  func ties() throws {
    // The voxel is the middle of the second of three patches, and as far from the centers of two.
    #expect(try winner([9, 8, 7]) == 8)
    #expect(try winner([7, 3]) == 7)
    #expect(try winner([3, 7]) == 3)
    // Both labels have two votes; the second and the third patch are nearest, and the second one comes first.
    #expect(try winner([5, 2, 5, 2]) == 2)
    #expect(try winner([2, 5, 2, 5]) == 5)
  }

  @Test("a label keeps its size where two patches disagree")
  func size() throws {
    let grid = try PatchGrid(
      over: Extent(width: 12, height: 1), patch: Extent(width: 8, height: 1), overlap: .voxels(4))
    func merged(_ blend: Blend) throws -> [UInt8] {
      let volume: Volume<UInt8> = try merge(grid, blend) { patch in
        Volume<UInt8>(extent: patch.region.extent, repeating: patch.index == 0 ? 3 : 1)
      }
      return volume.voxels
    }
    // Voxels 4 and 5 lie farther from the cut of the first patch, voxels 6 and 7 from that of the second one.
    #expect(try merged(.vote) == [3, 3, 3, 3, 3, 3, 1, 1, 1, 1, 1, 1])
    // A plain vote gives all four to the lower label.
    #expect(try merged(.plainVote) == [3, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1])
  }

  @Test("faces on the border of the image do not count")
  func borderFaces() throws {
    // At the first voxel only the face of the first patch that lies inside counts: it is 3 away, that of the second one 1.
    let grid = try PatchGrid(
      over: Extent(width: 6, height: 1), patch: Extent(width: 4, height: 1), overlap: .voxels(2))
    let axis = try AxisWeights(of: grid.axes.x, axis: .x, blend: .vote)
    #expect(axis.weights == [[4, 3, 2, 1], [1, 2, 3, 4]])
    #expect(try AxisWeights(of: grid.axes.y, axis: .y, blend: .vote).weights == [[1]])
    let long = try PatchGrid(
      over: Extent(width: 8, height: 1), patch: Extent(width: 4, height: 1), overlap: .voxels(2))
    #expect(
      try AxisWeights(of: long.axes.x, axis: .x, blend: .vote).weights
        == [[4, 3, 2, 1], [1, 2, 2, 1], [1, 2, 3, 4]])
  }

  @Test("weights count")
  func weights() throws {
    #expect(try winner([1, 2, 2], weights: [5, 2, 2]) == 1)
    #expect(try winner([1, 2, 2], weights: [3, 2, 2]) == 2)
  }

  @Test("a weighted vote equals its slow reference, for every type of label")
  func reference() throws {
    func check<Label: VoxelScalar & Hashable>(_ type: Label.Type, _ random: inout SplitMix64) throws {
      let grid = try GridCase.random(sides: 1...6, using: &random).grid
      let patches = grid.map { Volume<Label>.random($0.region.extent, upTo: 3, using: &random) }
      let merged: Volume<Label> = try merge(grid, .majority(.triangular)) { patches[$0.index] }
      let naive = grid.map { NaivePatch(region: $0.region, values: patches[$0.index].voxels) }
      let expected = naiveVote(extent: grid.extent, patches: naive, fill: 0, ties: .nearestCenter) {
        patch, offset in
        let extent = grid[patch].region.extent
        func ramp(_ index: Int, _ length: Int) -> Double { Double(min(index + 1, length - index)) }
        return ramp(offset.x, extent.width) * ramp(offset.y, extent.height) * ramp(offset.z, extent.depth)
      }
      #expect(merged.voxels == expected, "\(random) \(type)")
      let byDistance: Volume<Label> = try merge(grid, .vote) { patches[$0.index] }
      let nearest = naiveVote(extent: grid.extent, patches: naive, fill: 0, ties: .nearestCenter) {
        patch, offset in
        Axis.allCases.map { axis in
          let range = grid[patch].region[axis]
          let toStart = range.lowerBound > 0 ? offset[axis] + 1 : .max
          let toEnd = range.upperBound < grid.extent[axis] ? range.count - offset[axis] : .max
          return min(toStart, toEnd) == .max ? 1 : Double(min(toStart, toEnd))
        }.reduce(1, *)
      }
      #expect(byDistance.voxels == nearest, "\(random) \(type)")
    }
    for var random in SplitMix64.cases(40, from: 7000) {
      try check(UInt8.self, &random)
      try check(Int32.self, &random)
      try check(UInt64.self, &random)
      try check(Float.self, &random)
    }
  }
}
