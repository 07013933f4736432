import Testing
import Voxtile

@Suite("Extent") struct ExtentTests {
  @Test("sizes belong to their axes")
  func sizes() {
    let extent = Extent(width: 4, height: 3, depth: 2)
    #expect(extent[.x] == 4 && extent[.y] == 3 && extent[.z] == 2)
    #expect(extent.sizes == PerAxis(x: 4, y: 3, z: 2))
    #expect(Extent(extent.sizes) == extent)
    #expect(extent.voxelCount == 24)
    #expect(Extent(5) == Extent(width: 5, height: 5, depth: 5))
    #expect(Axis.allCases.map(\.sizeName) == ["width", "height", "depth"])
  }

  @Test("an image without depth is planar and says so")
  func planar() {
    #expect(Extent(width: 640, height: 480).isPlanar)
    #expect(Extent(width: 640, height: 480).description == "640x480")
    #expect(Extent(width: 96, height: 96, depth: 64).description == "96x96x64")
    #expect(!Extent(2).isPlanar)
  }

  @Test("a product that overflows is nil, one that just fits is not")
  func overflow() {
    #expect(Extent(width: 1 << 31, height: 1 << 31, depth: 1).voxelCountIfRepresentable == 1 << 62)
    #expect(Extent(width: 1 << 31, height: 1 << 31, depth: 2).voxelCountIfRepresentable == nil)
    #expect(Extent(width: .max, height: 2, depth: 0).voxelCountIfRepresentable == nil)
    #expect(Extent(width: .max, height: 1, depth: 1).voxelCountIfRepresentable == .max)
    #expect(Extent(width: 0, height: 7, depth: 7).voxelCountIfRepresentable == 0)
  }

  @Test("a negative size breaks the contract")
  func negative() async {
    await #expect(processExitsWith: .failure) { _ = Extent(width: 3, height: -1) }
  }
}
