import Testing
import VoxtileTestSupport

@testable import Voxtile

@Suite("Lesions") struct LesionTests {
  private func counts(_ reference: [UInt8], _ prediction: [UInt8], connectivity: Connectivity = .corners)
    throws
    -> LesionCounts
  {
    let extent = Extent(width: 6, height: reference.count / 6)
    return try LabelComparison(
      reference: VolumeInMemory(Volume(extent: extent, voxels: reference)),
      prediction: VolumeInMemory(Volume(extent: extent, voxels: prediction))
    ).lesions(of: 1, connectivity: connectivity)
  }

  @Test("one found by two parts, one missed, one invented, another label between them")
  func byHand() throws {
    let found = try counts(
      [
        1, 1, 1, 0, 0, 1,
        2, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0,
      ],
      [
        1, 0, 1, 0, 0, 0,
        1, 0, 2, 0, 0, 2,
        0, 0, 0, 1, 0, 0,
      ])
    #expect(found == LesionCounts(reference: 2, found: 1, prediction: 3, spurious: 1))
    #expect(found.f1 == .value(0.5) && found.recall == .value(0.5) && found.precision == .value(2 / 3.0))
    #expect(found.missed == 1)
  }

  @Test("voxels that share a corner are one lesion, unless faces are asked for")
  func connectivity() throws {
    let mask: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    #expect(try counts(mask, mask).reference == 1)
    #expect(try counts(mask, mask, connectivity: .faces).reference == 2)
  }

  @Test("without lesions the score is undefined, and 0 where all are missed")
  func empty() throws {
    let (none, one): ([UInt8], [UInt8]) = ([0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0])
    #expect(try counts(none, none).f1 == .undefined(.bothEmpty))
    #expect(try counts(none, one).f1 == .undefined(.referenceEmpty))
    #expect(try counts(one, none).f1 == .value(0))
    #expect(try counts(one, none).precision == .undefined(.predictionEmpty))
  }

  @Test("are those of components found voxel by voxel")
  func random() throws {
    for var random in SplitMix64.cases(50, from: 1500) {
      let extent = Extent(width: 7, height: 6, depth: 5)
      let masks = (0..<2).map { _ in
        (0..<extent.voxelCount).map { _ in UInt8.random(in: 0...9, using: &random) < 2 ? UInt8(1) : 0 }
      }
      let numbers = masks.map { mask in
        naiveComponents(mask.map { Int($0) }, extent: extent, neighbors: 26, joins: false) { $0 == 1 }
      }
      let both = zip(numbers[0], numbers[1]).filter { $0 > 0 && $1 > 0 }
      let (reference, prediction) = (numbers[0].max() ?? 0, numbers[1].max() ?? 0)
      let expected = LesionCounts(
        reference: reference, found: Set(both.map(\.0)).count, prediction: prediction,
        spurious: prediction - Set(both.map(\.1)).count)
      let comparison = try LabelComparison(
        reference: VolumeInMemory(Volume(extent: extent, voxels: masks[0])),
        prediction: VolumeInMemory(Volume(extent: extent, voxels: masks[1])))
      #expect(try comparison.lesions(of: 1) == expected, "\(random)")
    }
  }
}
