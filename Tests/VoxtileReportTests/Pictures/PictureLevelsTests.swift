import Testing
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("PictureLevels")
struct PictureLevelsTests {
  @Test("a large picture of NaN keeps its few finite values as levels")
  func sparseNumbers() {
    var picture = [Double](repeating: .nan, count: 1_000_000)
    picture[400_001] = 5
    picture[999_998] = -3
    let levels = PictureLevels(of: picture)
    #expect(levels.values == [-3, 5] && levels.isExact && levels.window == -3...5)
    #expect(levels.bytes(of: [5, .nan, -3]) == [2, 0, 1])
  }

  @Test("few distinct values are kept exactly, and NaN is byte 0")
  func exactLevels() {
    let picture = [3, .nan, -1, 7, 3, .infinity, -1]
    let levels = PictureLevels(of: picture)
    #expect(levels.values == [-1, 3, 7])
    #expect(levels.bytes(of: picture) == [2, 0, 1, 3, 2, 0, 1])
    #expect(PictureLevels(of: [.nan, .nan]).values.isEmpty)
    #expect(PictureLevels(of: [.nan]).bytes(of: [.nan]) == [0])
    #expect(PictureLevels(of: [5, 5]).window == 5...5)
  }

  @Test("a narrow range with most values gets many levels, and the extremes are kept")
  func levels() {
    var random = SplitMix64(seed: 3)
    // Like a CT: most values are soft tissue within 100 units, and metal is far brighter.
    let picture =
      (0..<20_000).map { _ in Double.random(in: 0...100, using: &random) }
      + (0..<2000).map { _ in Double.random(in: -1000...3000, using: &random) } + [50_000]
    let levels = PictureLevels(of: picture)
    #expect(levels.values.count <= 255 && levels.values == levels.values.sorted())
    #expect(levels.values.count { (0...100).contains($0) } > 80)
    #expect(levels.values.last == 50_000)
    let bytes = levels.bytes(of: picture)
    for (value, byte) in zip(picture, bytes) {
      let nearest = levels.values.map { abs($0 - value) }.min() ?? 0
      #expect(abs(levels.values[Int(byte) - 1] - value) <= nearest + 1e-9)
    }
  }

  @Test("of more than 254 labels, rare ones map to the nearest frequent one")
  func manyLabels() {
    let picture = (0..<300).flatMap { [Double](repeating: Double($0), count: $0 == 299 ? 1 : 3) }
    let levels = PictureLevels(labels: picture)
    #expect(levels.values.count == 254 && !levels.values.contains(299))
    #expect(levels.bytes(of: [299]) == [254])
  }
}
