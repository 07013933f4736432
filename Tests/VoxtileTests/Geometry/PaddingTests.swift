import Testing
import Voxtile
import VoxtileTestSupport

@Suite("Padding") struct PaddingTests {
  private struct Golden: Decodable {
    let padding: Int
    /// For each mode and length, the voxel at each place of the padded row; -1 for a constant.
    let rows: [String: [String: [Int]]]
  }

  @Test("every mode takes the voxels that numpy.pad takes, however long the padding")
  func numpy() throws {
    let golden = try Fixture.json("padding.json", as: Golden.self)
    #expect(golden.rows.count == 5)
    for (name, rows) in golden.rows {
      let padding = try #require(Padding(name))
      #expect(rows.count == 6)
      for (key, row) in rows {
        let length = try #require(Int(key))
        let coordinates = -golden.padding..<length + golden.padding
        #expect(row.count == coordinates.count)
        let sources = coordinates.map { padding.source(of: $0, length: length) ?? -1 }
        #expect(sources == row, "\(name), length \(length)")
        let naive = coordinates.map { naiveSource(of: $0, length: length, padding: padding) ?? -1 }
        #expect(naive == row, "the reference, \(name), length \(length)")
      }
    }
  }

  @Test("far away coordinates of long rows agree with stepping there")
  func farAway() {
    for var random in SplitMix64.cases(100, from: 77) {
      let length = Int.random(in: 1...60, using: &random)
      let coordinate = Int.random(in: -2000...2000, using: &random)
      for padding in [Padding.constant(7), .edge, .reflect, .symmetric, .wrap] {
        let expected = naiveSource(of: coordinate, length: length, padding: padding)
        let source = padding.source(of: coordinate, length: length)
        #expect(source == expected, "\(padding) at \(coordinate) of \(length), \(random)")
      }
    }
  }

  @Test("a voxel inside the image stands for itself in every mode")
  func inside() {
    for padding in [Padding.constant(7), .edge, .reflect, .symmetric, .wrap] {
      for length in 1...6 {
        for voxel in 0..<length { #expect(padding.source(of: voxel, length: length) == voxel) }
      }
    }
  }

  @Test("the extremes of Int do not trap")
  func extremes() {
    for padding in [Padding.edge, .reflect, .symmetric, .wrap] {
      for coordinate in [Int.min, Int.min + 1, Int.max] {
        let source = padding.source(of: coordinate, length: 5)
        #expect(source.map((0..<5).contains) == true, "\(padding) at \(coordinate)")
      }
    }
  }

  @Test("a padding is found by its name, and other names are refused")
  func names() {
    let paddings: [Padding] = [
      .constant(0), .constant(-1024), .constant(0.1), .constant(1e300), .edge, .reflect, .symmetric, .wrap,
    ]
    for padding in paddings { #expect(Padding(padding.description) == padding) }
    #expect(Padding.constant(0).description == "constant")
    #expect(Padding("constant:-1024") == .constant(-1024))
    for name in ["", "Edge", "constant:", "constant:nan", "constant:inf", "constant:1 ", "mirror"] {
      #expect(Padding(name) == nil, "\(name)")
    }
  }

  @Test("the voxels that a run of coordinates needs are the range around those that each needs")
  func runs() {
    for padding in [Padding.constant(1), .edge, .reflect, .symmetric, .wrap] {
      for length in 1...5 {
        for first in -12...12 {
          for count in 1...14 {
            let needed = (first..<first + count).compactMap { padding.source(of: $0, length: length) }
            let found = padding.sources(of: first..<first + count, length: length)
            let comment: Comment = "\(padding), \(length) voxels, \(count) from \(first)"
            if let low = needed.min(), let high = needed.max() {
              #expect(found == low..<high + 1, comment)
            } else {
              #expect(found.isEmpty, comment)
            }
          }
        }
      }
    }
  }
}
