import Testing

@testable import VoxtileReport

@Suite("LabelCount")
struct LabelCountTests {
  @Test("counting stops at a value that cannot be a label, or at too many labels")
  func labelCount() {
    var count = LabelCount()
    count.add([1, 1, 1, 2, 2, 1][...])
    #expect(count.voxels == [1: 4, 2: 2])
    count.add([0.5][...])
    #expect(count.voxels == nil)
    var many = LabelCount()
    many.add((0..<10_000).map(Double.init)[...])
    #expect(many.voxels == nil)
  }
}
