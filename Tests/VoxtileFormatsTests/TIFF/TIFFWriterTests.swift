import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Writing TIFF", .enabled(if: TIFFLibrary.isThere, "needs libtiff"))
struct TIFFWriterTests {
  private let spacing = VolumeMetadata(affine: Affine(spacing: PerAxis(x: 0.5, y: 0.25, z: 2)))

  private func plan(
    _ extent: Extent, channels: Int = 1, _ type: ScalarType = .uint16, palette: [VolumeInfo.Color]? = nil
  ) throws -> TIFFPlan {
    let info = VolumeInfo(
      extent: extent, channels: channels, scalarType: type, palette: palette, metadata: spacing)
    return try TIFFPlan(info, compression: .standard)
  }

  @Test("narrow images have strips of about 64 KiB, wide ones tiles, and large ones are BigTIFFs")
  func blocks() throws {
    let narrow = try plan(Extent(width: 512, height: 512, depth: 100))
    #expect(
      !narrow.isTiled && narrow.block == (512, 64) && narrow.blockCount == 8 && !narrow.isBig
        && narrow.hasPredictor)
    #expect(try plan(Extent(width: 1024, height: 3), .float64).block == (1024, 3))
    #expect(try plan(Extent(width: 3, height: 3), .float32).hasPredictor == false)
    let wide = try plan(Extent(width: 1025, height: 5))
    #expect(wide.isTiled && wide.block == (128, 128))
    #expect(try plan(Extent(width: 1024, height: 1024, depth: 1023)).isBig == false)
    #expect(try plan(Extent(width: 1024, height: 1024, depth: 1024)).isBig)
  }

  @Test("tiles at the border are whole, and boxes of them right", arguments: [1, 3])
  func tiles(channels: Int) throws {
    let volume = try TIFFTestFiles.pattern(
      Extent(width: 1100, height: 150, depth: 2), channels: channels, as: UInt16.self)
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.tif"
      try volume.write(to: path)
      let reader = try ImageFormats.open(path)
      #expect(
        reader.info.details.contains { $0.value.hasPrefix("tiles of 128x128") } && reader.isRandomAccess)
      #expect(try reader.read(as: UInt16.self) == volume)
      let box = Region(x: 100..<400, y: 120..<150, z: 1..<2)
      #expect(try reader.read(box, as: UInt16.self) == volume[box])
    }
  }

  @Test(
    "the size of a voxel comes back for each type, in OME or in ImageJ's text", arguments: ScalarType.allCases
  )
  func sizes(type: ScalarType) throws {
    func check<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
      var volume = try TIFFTestFiles.pattern(Extent(width: 4, height: 3, depth: 2), channels: 2, as: type)
      volume.metadata = spacing
      try withTemporaryFolder { folder in
        let path = "\(folder)/a.ome.tif"
        try volume.write(to: path)
        let reader = try ImageFormats.open(path)
        #expect(try reader.read(as: type) == volume)
        let found = reader.info.metadata
        #expect(found.spacing == spacing.spacing && found.place == .spacing && found.spatialRank == 3)
      }
    }
    try check(type.type)
  }

  @Test("a patch of one slice is still a part of a volume, and a picture is none")
  func rank() throws {
    for (rank, extent) in [(3, Extent(width: 4, height: 3)), (2, Extent(width: 4, height: 3))] {
      try withTemporaryFolder { folder in
        let metadata = VolumeMetadata(affine: spacing.affine, place: .spacing, spatialRank: rank)
        let volume = try Volume<UInt8>(
          extent: extent, voxels: [UInt8](repeating: 7, count: 12), metadata: metadata)
        try volume.write(to: "\(folder)/a.tif")
        #expect(try ImageFormats.open("\(folder)/a.tif").info.metadata.spatialRank == rank)
      }
    }
  }

  @Test("colors of a PNG stay colors, and its palette a palette")
  func colors() throws {
    try withTemporaryFolder { folder in
      for name in ["pillow-RGB", "pillow-RGBA", "pillow-LA", "pillow-P8", "pillow-L"] {
        let source = try ImageFormats.open(Fixture.url("png/\(name).png").path)
        let path = "\(folder)/\(name).tif"
        let writer = try ImageFormats.create(path, info: source.info)
        try source.tiffBytes().withUnsafeBytes { try writer.write($0, slices: 0..<1) }
        try writer.finish()
        let copy = try ImageFormats.open(path)
        #expect(try copy.tiffBytes() == source.tiffBytes())
        #expect(TIFFFormat.channelsAreColor(copy.info) == (source.info.channels > 1), "\(name)")
        #expect(copy.info.isPlanar && copy.info.isLabelMap == source.info.isLabelMap)
        let colors = source.info.palette ?? []
        #expect(Array((copy.info.palette ?? []).prefix(colors.count)) == colors, "\(name)")
      }
    }
  }

  @Test("what a TIFF cannot hold is refused, with the reason")
  func refusals() throws {
    let clear = VolumeInfo.Color(red: 1, green: 2, blue: 3, alpha: 0)
    let opaque = VolumeInfo.Color(red: 1, green: 2, blue: 3)
    func refusal(_ info: VolumeInfo) -> String { TIFFFormat.refusal(of: info)?.message ?? "" }
    var info = VolumeInfo(extent: Extent(2), scalarType: .uint8, palette: [opaque])
    #expect(refusal(info).isEmpty)
    info.palette = [clear]
    #expect(refusal(info).contains("transparent colors"))
    info.palette = [opaque]
    info.scalarType = .float32
    #expect(refusal(info).contains("a palette of 1 colors for 1 channels of float32"))
    info.palette = nil
    info.scaling = .init(slope: 2, intercept: 0)
    #expect(refusal(info).contains("the scaling 2.0 x stored"))
    let many = VolumeInfo(
      extent: Extent(width: 1, height: 1, depth: 1 << 20), channels: 2, scalarType: .uint8)
    #expect(refusal(many).contains("pages"))
  }

  @Test("names that XML would take for its own come back as they were")
  func names() throws {
    var header = TIFFHeader()
    header.channels = 2
    header.names.channels = ["<a & \"b\">", "µ"]
    header.names.text = "line 1\nline 2 <br/>"
    header.names.image = "it's"
    header.artist = "A & B"
    header.dateTime = "2026:01:02 03:04:05"
    header.profile = [1, 2, 3]
    let metadata = header.metadata(affine: spacing.affine)
    let volume = try Volume<Float>(
      extent: Extent(width: 1, height: 1, depth: 2), channels: 2, voxels: [1, 2, 3, 4], metadata: metadata)
    try withTemporaryFolder { folder in
      try volume.write(to: "\(folder)/a.tif")
      var found = try TIFFTestFiles.header(ImageFormats.open("\(folder)/a.tif").info)
      #expect(found.isVolume && found.hasSize)
      (found.isVolume, found.hasSize) = (header.isVolume, header.hasSize)
      #expect(found == header)
    }
  }

  @Test("a folder that is not there is an error")
  func noFolder() throws {
    let error = #expect(throws: VoxtileError.self) {
      try ImageFormats.create("/nowhere/a.tif", info: VolumeInfo(extent: Extent(2), scalarType: .uint8))
    }
    #expect(error?.code == .fileAccess)
  }
}
