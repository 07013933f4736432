import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("ScanShadows")
struct ScanShadowsTests {
  @Test("a bright voxel is where the world has it, however the scan is stored")
  func orientations() throws {
    // In the world the bright voxel is right, at the back, and low: in the axial view at the right and at the bottom.
    for isReversed in [false, true] {
      var rows: [[Double]] = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
      if isReversed {
        rows[0] = [-1, 0, 0, 19]
        rows[2] = [0, 0, -1, 29]
      }
      var volume = Volume<Float>(extent: Extent(width: 20, height: 24, depth: 30))
      volume.metadata = VolumeMetadata(affine: Affine(rows: rows))
      volume[x: isReversed ? 2 : 17, y: 3, z: isReversed ? 25 : 4] = 100
      volume[x: 0, y: 0, z: 0] = .nan
      let reader = VolumeInMemory(volume)
      let views = ThumbnailView.all(of: reader.info)
      let shadows = try ScanShadows(of: reader, views) {}
      let places = try withTemporaryFolder { folder in
        try shadows.pictures.map { picture -> [Double] in
          try picture.write(to: "\(folder)/picture.png")
          let read = try ImageFormats.open("\(folder)/picture.png")
          let palette = try #require(read.info.palette)
          let indices: [UInt8] = try read.read().voxels
          let bright = indices.indices.filter { palette[Int(indices[$0])].red == 255 }
          let width = read.info.extent.width
          func mean(_ values: [Int]) -> Double { Double(values.reduce(0, +)) / Double(values.count) }
          return [
            mean(bright.map { $0 % width }) / Double(width),
            mean(bright.map { $0 / width }) / Double(read.info.extent.height),
          ]
        }
      }
      let expected = [[17.5 / 20, 20.5 / 24], [17.5 / 20, 25.5 / 30], [3.5 / 24, 25.5 / 30]]
      for (place, wanted) in zip(places, expected) {
        let distances = zip(place, wanted).map { abs($0 - $1) }
        #expect(distances.allSatisfy { $0 < 0.02 }, "\(places)")
      }
    }
  }

  @Test("an image of one slice is seen in its plane only")
  func flat() throws {
    let info = VolumeInfo(extent: Extent(width: 40, height: 30), scalarType: .uint8)
    #expect(ThumbnailView.all(of: info).map(\.axis) == [.z])
  }

  @Test("outlines are the pixels with a neighbor of another label")
  func outlines() {
    let labels: [Double] = [
      1, 1, 1, 0,
      1, 1, 1, 0,
      1, 1, 1, 2,
    ]
    #expect(
      SmallPicture.outlines(labels, width: 4) == [
        0, 0, 1, 0,
        0, 0, 1, 0,
        0, 0, 1, 2,
      ])
  }
}
