import Testing
import VoxtileTestSupport

@testable import Voxtile

@Suite("Overlap scores") struct OverlapScoreTests {
  @Test("by hand: 6 of 8 found, 2 of 8 wrong")
  func values() {
    let counts = OverlapCounts(reference: 8, prediction: 8, both: 6)
    #expect(counts.dice == .value(0.75) && counts.jaccard == .value(0.6))
    #expect(counts.precision == .value(0.75) && counts.recall == .value(0.75))
    #expect(OverlapCounts(reference: 8, prediction: 10).relativeVolumeDifference == .value(0.25))
  }

  @Test("of empty masks are undefined with the reason, and a miss is 0")
  func empty() {
    let nothing = OverlapCounts()
    for score in [
      nothing.dice, nothing.jaccard, nothing.precision, nothing.recall, nothing.relativeVolumeDifference,
    ] {
      #expect(score == .undefined(.bothEmpty))
    }
    let missed = OverlapCounts(reference: 5)
    #expect([missed.dice, missed.jaccard, missed.recall] == [.value(0), .value(0), .value(0)])
    #expect(missed.precision == .undefined(.predictionEmpty) && missed.relativeVolumeDifference == .value(-1))
    let invented = OverlapCounts(prediction: 5)
    for score in [invented.dice, invented.jaccard, invented.recall, invented.relativeVolumeDifference] {
      #expect(score == .undefined(.referenceEmpty))
    }
    #expect(invented.precision == .value(0))
  }

  @Test("counts of all labels are those of a look at each voxel, read in any slabs and as any type")
  func counts() throws {
    for var random in SplitMix64.cases(100, from: 1300) {
      let extent = Extent(
        width: .random(in: 1...9, using: &random), height: .random(in: 1...9, using: &random),
        depth: .random(in: 1...5, using: &random))
      let voxels = (0..<2).map { _ in
        (0..<extent.voxelCount).map { _ in Int16.random(in: -1...3, using: &random) }
      }
      let reference = try Volume(extent: extent, voxels: voxels[0])
      let prediction = try Volume(extent: extent, voxels: voxels[1].map { Float($0) })
      let comparison = try LabelComparison(
        reference: VolumeInMemory(reference), prediction: VolumeInMemory(prediction), keepsVoxels: false)
      for label in [-1, 1, 2, 3] {
        let pairs = zip(voxels[0], voxels[1]).map { (Int($0) == label, Int($1) == label) }
        let expected = OverlapCounts(
          reference: pairs.count { $0.0 }, prediction: pairs.count { $0.1 },
          both: pairs.count { $0.0 && $0.1 })
        #expect(comparison.overlap(of: label) == expected, "\(random)")
        let inside = zip(extent.positions, pairs).filter { $0.1.0 || $0.1.1 }
          .map { Region(origin: $0.0, extent: Extent(1)) }
        #expect(
          comparison.box(of: label) == inside.first.map { inside.reduce($0) { $0.union($1) } }, "\(random)")
      }
      #expect(comparison.overlap(of: 0) == OverlapCounts() && !comparison.labels.contains(0), "\(random)")
      let some = try LabelComparison(
        reference: VolumeInMemory(reference), prediction: VolumeInMemory(prediction), labels: [2])
      #expect(
        Set(some.labels).isSubset(of: [2]) && some.overlap(of: 2) == comparison.overlap(of: 2), "\(random)")
    }
  }

  @Test("maps of different sizes, several channels, values that are no labels and voxels of 0 mm are refused")
  func refusals() throws {
    let labels = try Volume(extent: Extent(2), voxels: [Float](repeating: 1, count: 8))
    func compare(_ prediction: Volume<Float>) throws {
      _ = try LabelComparison(reference: VolumeInMemory(labels), prediction: VolumeInMemory(prediction))
    }
    #expect(throws: VoxtileError.self) { try compare(Volume(extent: Extent(3), repeating: 1)) }
    #expect(throws: VoxtileError.self) { try compare(Volume(extent: Extent(2), channels: 2, repeating: 1)) }
    var half = labels
    half.voxels[3] = 0.5
    let error = #expect(throws: VoxtileError.self) { try compare(half) }
    #expect(error?.message.hasPrefix("in the prediction, 0.5 is not a label") == true)
    var flat = labels
    flat.metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(x: 1, y: 0, z: 1)))
    #expect(throws: VoxtileError.self) {
      _ = try LabelComparison(reference: VolumeInMemory(flat), prediction: VolumeInMemory(labels))
    }
  }
}
