import Testing
import Voxtile

@testable import VoxtileReport

@Suite("LabelPlaces")
struct LabelPlacesTests {
  /// A ring of label 1 around label 2, and a single voxel of 3, in 9x9x1 voxels.
  private let extent = Extent(width: 9, height: 9, depth: 1)
  private var values: [Double] {
    (0..<81).map { index in
      let far = max(abs(index % 9 - 4), abs(index / 9 - 4))
      return index == 80 ? 3 : far == 3 ? 1 : far < 3 ? 2 : 0
    }
  }

  private func places(picture size: Extent) -> [Double: [Int]] {
    var count = LabelCount()
    count.add(values[...], at: Region(extent))
    var picture = PictureBuilder(of: extent, size: size)
    picture.add(values, at: Region(extent))
    return LabelPlaces.places(of: count.tallies ?? [:], in: picture, spacing: PerAxis(x: 1, y: 2, z: 0))
  }

  @Test("each label gets a voxel that has it, the nearest to its middle in mm")
  func nearest() {
    let found = places(picture: extent)
    #expect(found[2] == [4, 4, 0] && found[3] == [8, 8, 0] && found[0] == nil)
    // Along x, the ring is 3 mm away from its middle; along y, it is 6 mm.
    #expect(found[1] == [1, 4, 0])
  }

  @Test("a label that a smaller picture does not show gets one, too")
  func small() throws {
    let found = places(picture: Extent(width: 2, height: 2, depth: 1))
    for label in [1.0, 2, 3] {
      let place = try #require(found[label])
      #expect(values[place[1] * 9 + place[0]] == label)
    }
  }
}
