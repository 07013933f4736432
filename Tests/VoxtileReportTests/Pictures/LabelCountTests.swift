import Testing
import Voxtile

@testable import VoxtileReport

@Suite("LabelCount")
struct LabelCountTests {
  private func row(_ count: Int, y: Int = 0) -> Region { Region(x: 5..<5 + count, y: y..<y + 1, z: 3..<4) }

  @Test("counting stops at a value that cannot be a label, or at too many labels")
  func labelCount() {
    var count = LabelCount()
    count.add([1, 1, 1, 2, 2, 1][...], at: row(6))
    #expect(count.tallies?.mapValues(\.voxels) == [1: 4, 2: 2])
    count.add([0.5][...], at: row(1))
    #expect(count.tallies == nil)
    var many = LabelCount()
    many.add((0..<10_000).map(Double.init)[...], at: row(10_000))
    #expect(many.tallies == nil)
  }

  @Test("a label knows the mean of its coordinates, and the middle of its longest run")
  func places() throws {
    var count = LabelCount()
    count.add([1, 1, 1, 2, 2, 1][...], at: row(6))
    count.add([0, 2, 2, 2, 2, 2][...], at: row(6, y: 4))
    let one = try #require(count.tallies?[1])
    #expect(one.middle.all == [7, 0, 3] && one.place == [6, 0, 3])
    let two = try #require(count.tallies?[2])
    #expect(two.middle.all == [57.0 / 7, 20.0 / 7, 3] && two.place == [8, 4, 3])
  }
}
