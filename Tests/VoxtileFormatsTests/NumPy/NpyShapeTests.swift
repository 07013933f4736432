import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Shapes of arrays")
struct NpyShapeTests {
  @Test("two channels of a picture come back as two channels", arguments: [ScalarType.uint8, .float32])
  func twoChannels(type: ScalarType) throws {
    try withTemporaryFolder { folder in
      let info = VolumeInfo(
        extent: Extent(width: 6, height: 5), channels: 2, scalarType: type,
        metadata: VolumeMetadata(place: .unknown, spatialRank: 2))
      let bytes = (0..<info.byteCount(of: Region(info.extent))).map { UInt8($0) }
      try ImageFormats.create("\(folder)/a.npy", info: info).writeInSlabs(bytes, info: info, count: 1)
      let reader = try ImageFormats.open("\(folder)/a.npy")
      #expect(reader.info.extent == info.extent && reader.info.channels == 2)
      #expect(try reader.bytes() == bytes && reader.info.notes.isEmpty)
    }
  }

  @Test("what may be channels at the end is noted, with the shape in which they are read")
  func guess() throws {
    try withTemporaryFolder { folder in
      func notes(_ extent: Extent) throws -> [String] {
        let path = "\(folder)/\(extent).npy"
        try Volume<Float>(extent: extent, voxels: [Float](repeating: 0, count: extent.voxelCount)).write(
          to: path)
        return try ImageFormats.open(path).info.notes
      }
      // The shape (9, 8, 2): nine slices of eight rows of two voxels, or a picture with two channels.
      let found = try notes(Extent(width: 2, height: 8, depth: 9))
      #expect(found.count == 1 && found[0].contains("as in (2, 1, 9, 8)"), "\(found)")
      #expect(try notes(Extent(width: 8, height: 9, depth: 2)).isEmpty)
      #expect(try notes(Extent(width: 2, height: 2, depth: 2)).isEmpty)
    }
  }
}
