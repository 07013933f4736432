import Testing
import Voxtile

@testable import VoxtileReport

@Suite("PictureSize")
struct PictureSizeTests {
  @Test("a picture has at most the allowed voxels, and axes with the smallest spacing shrink first")
  func size() {
    let scan = Extent(width: 512, height: 512, depth: 40)
    let thick = PerAxis(x: 0.7, y: 0.7, z: 5.0)
    let size = PictureSize.fitting(scan, spacing: thick, voxels: 2_000_000)
    #expect(size.depth == 40 && size.width == size.height && size.voxelCount <= 2_000_000)
    #expect(size.voxelCount > 1_900_000)
    #expect(PictureSize.fitting(scan, spacing: thick, voxels: 1 << 30) == scan)
    #expect(PictureSize.fitting(scan, spacing: PerAxis(.nan), voxels: 1) == Extent(1))
    #expect(PictureSize.fitting(scan, spacing: PerAxis(1e308), voxels: 1000).voxelCount <= 1000)
    #expect(
      PictureSize.fitting(scan, spacing: PerAxis(.leastNonzeroMagnitude), voxels: 1000).voxelCount <= 1000)
    let long = Extent(width: 1 << 30, height: 1 << 30, depth: 1)
    #expect(PictureSize.fitting(long, spacing: PerAxis(1), voxels: 1000).voxelCount <= 1000)
  }
}
