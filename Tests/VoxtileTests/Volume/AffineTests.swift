import Testing
import Voxtile
import VoxtileTestSupport

@Suite("Affine") struct AffineTests {
  private struct Golden: Decodable {
    struct Case: Decodable {
      let name: String
      let rows: [[Double]]
      let letters: String
      let spacing: [Double]
      let world: [Double]

      private enum CodingKeys: String, CodingKey {
        case name, rows, letters, spacing
        case world = "world_of_7_-3_11"
      }
    }
    let cases: [Case]
  }

  private func isClose(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 1e-12 * max(1, abs($1)) }
  }

  @Test("letters, spacing and world coordinates are those of nibabel")
  func nibabel() throws {
    let golden = try Fixture.json("orientation.json", as: Golden.self)
    #expect(golden.cases.count == 38)
    for item in golden.cases {
      let affine = Affine(rows: item.rows)
      #expect(affine.orientation == item.letters, "\(item.name)")
      #expect(isClose(affine.spacing.all, item.spacing), "\(item.name)")
      #expect(isClose(affine.world(x: 7, y: -3, z: 11).all, item.world), "\(item.name)")
    }
  }

  @Test("a moved affine sends voxel 0 where its origin was, and keeps directions and sizes")
  func moved() throws {
    for item in try Fixture.json("orientation.json", as: Golden.self).cases {
      let affine = Affine(rows: item.rows)
      let moved = affine.moved(to: Position(x: 7, y: -3, z: 11))
      #expect(isClose(moved.world(x: 0, y: 0, z: 0).all, item.world), "\(item.name)")
      #expect(
        isClose(moved.world(x: 1, y: 2, z: 3).all, affine.world(x: 8, y: -1, z: 14).all), "\(item.name)")
      #expect(moved.spacing == affine.spacing && moved.orientation == affine.orientation, "\(item.name)")
      let back = moved.moved(to: Position(x: -7, y: 3, z: -11))
      #expect(zip(back.rows, affine.rows).allSatisfy { isClose($0, $1) }, "\(item.name)")
      #expect(affine.moved(to: .zero) == affine, "\(item.name)")
    }
  }

  @Test("spacing alone scales, and points right, front and up")
  func spacing() {
    let affine = Affine(spacing: PerAxis(x: 0.5, y: 2, z: 3))
    #expect(affine.rows == [[0.5, 0, 0, 0], [0, 2, 0, 0], [0, 0, 3, 0]])
    #expect(affine.spacing == PerAxis(x: 0.5, y: 2, z: 3))
    #expect(affine.orientation == "RAS")
  }

  @Test("a moved tilted affine, by hand")
  func byHand() {
    let affine = Affine(rows: [[0, -2, 0, 10], [3, 0, 0, 20], [0, 0, 4, 30]])
    #expect(affine.orientation == "ALS")
    let moved = affine.moved(to: Position(x: 1, y: 2, z: 3))
    #expect(moved.rows == [[0, -2, 0, 6], [3, 0, 0, 23], [0, 0, 4, 42]])
  }

  @Test("broken affines still have three letters, each axis once")
  func broken() {
    let rows: [[[Double]]] = [
      [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]],
      [[1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 0]],
      [[.nan, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]],
      [[.nan, .nan, .nan, 0], [.nan, .nan, .nan, 0], [.nan, .nan, .nan, 0]],
      [[.infinity, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]],
    ]
    for rows in rows {
      let orientation = Affine(rows: rows).orientation
      let axes = orientation.map { letter in ["RL", "AP", "SI"].firstIndex { $0.contains(letter) } }
      #expect(Set(axes) == [0, 1, 2], "\(orientation) of \(rows)")
    }
  }

  @Test("an affine without three rows of four breaks the contract")
  func shape() async {
    await #expect(processExitsWith: .failure) { _ = Affine(rows: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]) }
  }
}
