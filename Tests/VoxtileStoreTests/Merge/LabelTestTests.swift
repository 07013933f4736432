import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Whether values look like labels")
struct LabelTestTests {
  private func looksLikeLabels(_ extent: Extent, _ value: (Position) -> Int) throws -> Bool {
    var test = LabelTest()
    test.add(try Volume(extent: extent, voxels: extent.positions.map { Int16(value($0)) }))
    return test.looksLikeLabels
  }

  @Test("regions are labels, noise and ramps are not, and background does not count")
  func kinds() throws {
    let extent = Extent(width: 30, height: 6, depth: 4)
    #expect(try looksLikeLabels(extent) { $0.x / 5 })
    #expect(try !looksLikeLabels(extent) { $0.x })
    var random = SplitMix64(seed: 1)
    #expect(try !looksLikeLabels(extent) { _ in Int.random(in: 0...9, using: &random) })
    // Nine tenths are background, the rest is noise.
    #expect(try !looksLikeLabels(extent) { $0.x < 27 ? 0 : Int.random(in: 1...9, using: &random) })
    #expect(try looksLikeLabels(extent) { _ in 0 })
  }

  @Test("the air of a CT is background, whatever its value, and a mask is a label")
  func air() throws {
    let extent = Extent(width: 30, height: 6, depth: 4)
    var random = SplitMix64(seed: 2)
    #expect(try !looksLikeLabels(extent) { $0.x < 20 ? -1024 : Int.random(in: -60...60, using: &random) })
    #expect(try looksLikeLabels(extent) { $0.x < 20 ? 0 : 1 })
    #expect(try looksLikeLabels(extent) { $0.x < 20 ? 255 : $0.x / 5 })
  }

  @Test("fractions are not labels, whole numbers in floating point may be")
  func floatingPoint() throws {
    let extent = Extent(width: 20, height: 4)
    var whole = LabelTest()
    whole.add(try Volume(extent: extent, voxels: extent.positions.map { Float($0.x / 5) }))
    #expect(whole.looksLikeLabels)
    var fractions = LabelTest()
    fractions.add(try Volume(extent: extent, voxels: extent.positions.map { Float($0.x / 5) + 0.25 }))
    #expect(!fractions.looksLikeLabels && fractions.isDecided)
  }

  @Test("a single column has no neighbors, so its values count as labels")
  func column() throws {
    var test = LabelTest()
    test.add(Volume<UInt8>(extent: Extent(width: 1, height: 9), repeating: 3))
    #expect(test.looksLikeLabels && !test.isDecided)
  }
}
