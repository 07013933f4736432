import Testing
import Voxtile
import VoxtileTestSupport

/// The references are tested too: against numbers worked out by hand, and against numpy.
@Suite("The slow references") struct NaiveReferenceTests {
  /// Two patches of three over a row of five; they share voxel 2.
  private let row = Extent(width: 5, height: 1)
  private func pair<Value>(_ first: [Value], _ second: [Value]) -> [NaivePatch<Value>] {
    [
      NaivePatch(region: Region(x: 0..<3, y: 0..<1), values: first),
      NaivePatch(region: Region(x: 2..<5, y: 0..<1), values: second),
    ]
  }

  @Test("the naive merge is the tutorial's merge, value by value", arguments: try TutorialGolden.all())
  func tutorialMerge(golden: TutorialGolden) throws {
    guard let image = golden.image, let expected = golden.merged else { return }
    let size = Extent(golden.perAxis(golden.patch, missing: 1))
    let patches = golden.patchOrigins.enumerated().map { number, origin in
      let at = golden.perAxis(origin, missing: 0)
      let region = Region(origin: Position(x: at.x, y: at.y, z: at.z), extent: size)
      let cut = naiveCrop(
        image, extent: golden.extent, region: region, padding: .edge, constant: .nan)
      return NaivePatch(region: region, values: cut.map { $0 + 16 * Double(number) })
    }
    let merged = naiveMerge(extent: golden.extent, patches: patches, fill: .nan)
    #expect(merged.values.map { $0.isNaN ? nil : $0 } == expected)
    #expect(merged.weights.count { $0 == 0 } == golden.nanVoxels)
  }

  @Test("the tiling by walking, on an axis of 11 with patches of 4 and an overlap of 1")
  func tiling() {
    let axis = AxisCase(length: 11, patch: 4, overlap: 1)
    #expect(NaiveTiling(axis, edge: .shift)?.starts == [0, 3, 6, 7])
    #expect(NaiveTiling(axis, edge: .balance)?.starts == [0, 2, 5, 7])
    #expect(NaiveTiling(axis, edge: .discard)?.starts == [0, 3, 6])
    #expect(NaiveTiling(axis, edge: .pad(.both))?.starts == [-1, 2, 5, 8])
    #expect(NaiveTiling(axis, edge: .partial)?.ranges.last == 9..<11)
    #expect(AxisCase.all(upTo: 12).count == 12 * 78)
  }

  @Test("the weighted mean, by hand")
  func weightedMean() {
    let patches = pair([1.0, 2, 3], [10, 20, 30])
    let mean = naiveMerge(extent: row, patches: patches, fill: -1) { (axis: Axis, length: Int) -> [Double] in
      axis == .x ? [1, 2, 3] : [Double](repeating: 1, count: length)
    }
    // (3 * 3 + 1 * 10) / (3 + 1) where both patches lie.
    #expect(mean.values == [1, 2, 4.75, 20, 30])
    #expect(mean.weights == [1, 2, 4, 2, 3])
    #expect(naiveMerge(extent: row, patches: patches).values == [1, 2, 6.5, 20, 30])
    let first = naiveMerge(extent: row, patches: patches, fill: -1) { patch, _ in patch == 0 ? 1 : 0 }
    #expect(first.values == [1, 2, 3, -1, -1])
  }

  @Test("the maximum, the vote and the owners, by hand")
  func choices() {
    #expect(naiveMaximum(extent: row, patches: pair([1, 2, 3], [2, 5, 4]), fill: 0) == [1, 2, 3, 5, 4])
    let labels = pair([1, 1, 7], [3, 3, 3])
    #expect(naiveVote(extent: row, patches: labels, fill: 0, ties: .smallest) == [1, 1, 3, 3, 3])
    #expect(naiveVote(extent: row, patches: labels, fill: 0, ties: .earliest) == [1, 1, 7, 3, 3])
    let heavy = naiveVote(extent: row, patches: labels, fill: 0, ties: .smallest) { patch, _ in
      patch == 0 ? 2 : 1
    }
    #expect(heavy == [1, 1, 7, 3, 3])
    let regions = labels.map(\.region)
    #expect(naiveOwners(extent: row, regions: regions, ownership: .center) == [0, 0, 0, 1, 1])
    #expect(naiveOwners(extent: row, regions: regions, ownership: .last) == [0, 0, 1, 1, 1])
    let owned = naiveOwnedMerge(extent: row, patches: labels, fill: 0, ownership: .last)
    #expect(owned == [1, 1, 3, 3, 3])
  }

  @Test("what no patch holds is the fill, and channels are planar")
  func fillAndChannels() {
    let patch = NaivePatch(region: Region(x: -1..<1, y: 0..<1), values: [9.0, 1, 8, 2])
    let extent = Extent(width: 2, height: 1)
    #expect(naiveMerge(extent: extent, channels: 2, patches: [patch], fill: -1).values == [1, -1, 2, -1])
    #expect(naiveMaximum(extent: extent, channels: 2, patches: [patch], fill: -1) == [1, -1, 2, -1])
    #expect(naiveCoverage(extent: extent, regions: [patch.region]) == [1, 0])
    #expect(naiveOwners(extent: extent, regions: [patch.region], ownership: .center) == [0, nil])
  }

  @Test("the crop maps each index, with a constant where any axis leaves the image")
  func crop() {
    let image = [1, 2, 3, 4, 5, 6]
    let extent = Extent(width: 3, height: 2)
    let region = Region(x: -1..<2, y: 1..<3)
    func cut(_ padding: Padding) -> [Int] {
      naiveCrop(image, extent: extent, region: region, padding: padding, constant: 0)
    }
    #expect(cut(.constant(0)) == [0, 4, 5, 0, 0, 0])
    #expect(cut(.edge) == [4, 4, 5, 4, 4, 5])
    #expect(cut(.reflect) == [5, 4, 5, 2, 1, 2])
    #expect(cut(.symmetric) == [4, 4, 5, 4, 4, 5])
    #expect(cut(.wrap) == [6, 4, 5, 3, 1, 2])
  }

  @Test("the generator gives the published numbers of SplitMix64")
  func splitMix() {
    var random = SplitMix64(seed: 1_234_567)
    #expect(random.next() == 6_457_827_717_110_365_317)
    #expect(random.next() == 3_203_168_211_198_807_973)
    #expect(random.description == "VOXTILE_TEST_SEED=1234567")
  }
}
