import Testing
import Voxtile
import VoxtileTestSupport

@Suite("Region") struct RegionTests {
  @Test("ranges, origin and extent say the same")
  func ranges() {
    let region = Region(x: 2..<5, y: -1..<3, z: 7..<8)
    #expect(region.origin == Position(x: 2, y: -1, z: 7))
    #expect(region.extent == Extent(width: 3, height: 4, depth: 1))
    #expect(region.x == 2..<5 && region.y == -1..<3 && region.z == 7..<8)
    #expect(Region(origin: region.origin, extent: region.extent) == region)
    #expect(region.voxelCount == 12)
    #expect(Region(x: 0..<2, y: 0..<2).z == 0..<1)
    #expect(region.description == "3x4 at (2, -1, 7)")
    #expect(Region(Extent(4)) == Region(x: 0..<4, y: 0..<4, z: 0..<4))
  }

  @Test("contains, isInside and intersection agree with looking at every voxel")
  func membership() {
    for var random in SplitMix64.cases(200, from: 1000) {
      let image = Extent.random(in: 1...4, using: &random)
      func box() -> Region {
        Region(
          origin: Position(
            x: .random(in: -3...4, using: &random), y: .random(in: -3...4, using: &random),
            z: .random(in: -3...4, using: &random)),
          extent: .random(in: 1...5, using: &random))
      }
      let (a, b) = (box(), box())
      func voxels(_ region: Region) -> Set<Position> {
        Set(region.extent.positions.map { region.origin + $0 })
      }
      #expect(voxels(a.intersection(b)) == voxels(a).intersection(voxels(b)), "\(a), \(b), \(random)")
      #expect(a.intersection(b).voxelCount == b.intersection(a).voxelCount, "\(a), \(b), \(random)")
      #expect(a.isInside(image) == voxels(a).isSubset(of: image.positions), "\(a), \(image), \(random)")
      #expect(image.positions.filter(a.contains) == image.positions.filter(voxels(a).contains), "\(random)")
    }
  }

  @Test("boxes that only touch have nothing in common")
  func touching() {
    let left = Region(x: 0..<4, y: 0..<4)
    #expect(left.intersection(Region(x: 4..<8, y: 0..<4)).voxelCount == 0)
    #expect(!left.contains(Position(x: 4, y: 0)))
    #expect(left.contains(Position(x: 3, y: 3)))
  }

  @Test("positions add and subtract coordinate by coordinate")
  func positions() {
    let (a, b) = (Position(x: 1, y: -2, z: 3), Position(x: 10, y: 20, z: 30))
    #expect(a + b == Position(x: 11, y: 18, z: 33))
    #expect(a + b - b == a)
    #expect(a[.x] == 1 && a[.y] == -2 && a[.z] == 3)
    #expect(a.description == "(1, -2, 3)")
  }
}
