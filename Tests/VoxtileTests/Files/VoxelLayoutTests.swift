import Testing

@testable import Voxtile

@Suite("VoxelLayout")
struct VoxelLayoutTests {
  private let layout = VoxelLayout(
    extent: Extent(width: 4, height: 3, depth: 5), planes: 2, voxelByteCount: 2, offset: 352)

  @Test("rows of a box inside are one run each")
  func rows() {
    let runs = layout.runs(of: Region(x: 1..<3, y: 0..<2, z: 4..<5))
    let first = 352 + (4 * 12 + 1) * 2
    #expect(Array(runs) == [first, first + 8, first + 120, first + 128].map { $0..<$0 + 4 })
  }

  @Test("rows of full width make one run a slice, full slices one a plane, full planes one in all")
  func coalescing() {
    #expect(layout.runs(of: Region(x: 0..<4, y: 1..<3, z: 0..<2)).count == 2 * 2)
    #expect(Array(layout.runs(of: Region(x: 0..<4, y: 0..<3, z: 1..<3))) == [376..<424, 496..<544])
    #expect(Array(layout.runs(of: Region(layout.extent))) == [352..<592])
  }

  @Test("the runs of every box hold exactly its voxels, in ascending order")
  func everyBox() {
    for x in ranges(4) {
      for y in ranges(3) {
        for z in ranges(5) {
          let runs = layout.runs(of: Region(x: x, y: y, z: z))
          var expected: [Int] = []
          for plane in 0..<2 {
            for z in z { for y in y { for x in x { expected.append(((plane * 5 + z) * 3 + y) * 4 + x) } } }
          }
          let found = runs.flatMap { run in
            stride(from: run.lowerBound, to: run.upperBound, by: 2).map { ($0 - 352) / 2 }
          }
          #expect(found == expected, "\(x) \(y) \(z)")
        }
      }
    }
  }

  private func ranges(_ count: Int) -> [Range<Int>] {
    (0..<count).flatMap { start in (start + 1...count).map { start..<$0 } }
  }
}
