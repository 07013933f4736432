import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("TIFF files written by tifffile and Pillow", .enabled(if: TIFFLibrary.isThere, "needs libtiff"))
struct TIFFFixtureTests {
  @Test("all are there")
  func count() { #expect(TIFFTestFiles.read.count == 56 && TIFFTestFiles.refused.count == 6) }

  @Test("shape, type, size of a voxel, colors and voxels are what was written", arguments: TIFFTestFiles.read)
  func expectations(name: String) throws {
    let expected = try #require(TIFFTestFiles.all[name])
    let reader = try ImageFormats.open(TIFFTestFiles.path(name))
    let info = reader.info
    #expect(info.extent.sizes.all == expected.extent)
    #expect(info.channels == expected.channels)
    #expect(info.scalarType == expected.scalarType)
    #expect(info.metadata.place == (expected.spacing == nil ? .unknown : .spacing))
    for (a, b) in zip(info.metadata.spacing.all, expected.spacing ?? [1, 1, 1]) {
      #expect((a - b).magnitude < 1e-5 * b, "\(info.metadata.spacing)")
    }
    #expect(TIFFFormat.channelsAreColor(info) == (expected.isColor == true))
    #expect(info.isLabelMap == (expected.isLabelMap == true))
    #expect((info.palette == nil) == (expected.palette == nil))
    for (index, color) in zip([0, 1, 200], expected.palette ?? []) {
      let found = try #require(info.palette)[index]
      #expect([found.red, found.green, found.blue] == color)
    }
    let header = try TIFFTestFiles.header(info)
    #expect(header.frames == expected.frames ?? 1)
    #expect(header.names.frameSeconds == (expected.frames == nil ? 0 : 0.5))
    #expect(header.names.channels == expected.channelNames ?? [])
    #expect(try reader.tiffBytes().withUnsafeBytes { CRC32($0).value } == expected.crc32)
  }

  @Test("boxes are boxes of the whole", arguments: TIFFTestFiles.read)
  func boxes(name: String) throws {
    let reader = try ImageFormats.open(TIFFTestFiles.path(name))
    let whole = try reader.tiffBytes()
    let (extent, size) = (reader.info.extent, reader.info.scalarType.byteCount)
    var random = SplitMix64(seed: UInt64(whole.count))
    for _ in 0..<20 {
      let ranges = extent.sizes.map { _, size in
        let first = Int.random(in: 0..<size, using: &random)
        return first..<Int.random(in: first + 1...size, using: &random)
      }
      var expected: [UInt8] = []
      for channel in 0..<reader.info.channels {
        for z in ranges.z {
          for y in ranges.y {
            let row = ((channel * extent.depth + z) * extent.height + y) * extent.width
            expected += whole[(row + ranges.x.lowerBound) * size..<(row + ranges.x.upperBound) * size]
          }
        }
      }
      #expect(try reader.tiffBytes(Region(x: ranges.x, y: ranges.y, z: ranges.z)) == expected)
    }
  }

  @Test("what is not read is refused by its name", arguments: TIFFTestFiles.refused)
  func refusals(name: String) throws {
    let words = try #require(TIFFTestFiles.all[name]?.refusal)
    let path = try TIFFTestFiles.path(name)
    let error = #expect(throws: VoxtileError.self) { try ImageFormats.open(path) }
    #expect(error?.code == .unsupportedFormat && error?.context.file == path)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test(
    "copies have voxels, channels, time points, names, colors and sizes of the original",
    arguments: TIFFTestFiles.read)
  func copies(name: String) throws {
    try withTemporaryFolder { folder in
      let original = try ImageFormats.open(TIFFTestFiles.path(name))
      let path = "\(folder)/copy.tif"
      let writer = try ImageFormats.create(path, info: original.info)
      try original.tiffBytes().withUnsafeBytes {
        try writer.write($0, slices: 0..<original.info.extent.depth)
      }
      try writer.finish()
      let copy = try ImageFormats.open(path)
      #expect(try copy.tiffBytes() == original.tiffBytes())
      #expect(copy.info.extent == original.info.extent && copy.info.channels == original.info.channels)
      #expect(copy.info.palette == original.info.palette)
      var (found, expected) = (try TIFFTestFiles.header(copy.info), try TIFFTestFiles.header(original.info))
      if original.info.scalarType.byteCount == 8, original.info.scalarType.isInteger {
        (found.names, expected.names) = (TIFFNames(), TIFFNames())
      }
      // Only colors stay side by side.
      if name == "samples.tif" { (expected.samples, expected.channels) = (1, 5) }
      #expect(found == expected)
      for (a, b) in zip(copy.info.metadata.spacing.all, original.info.metadata.spacing.all) {
        #expect((a - b).magnitude < 1e-5 * b)
      }
    }
  }

  @Test("notes say what was left out, and how it was understood")
  func notes() throws {
    let cases = [
      "thumbnail.tif": "1 page that are smaller copies", "white.tif": "0 is white",
      "inches.tif": "how far apart",
    ]
    for (name, words) in cases {
      let notes = try ImageFormats.open(TIFFTestFiles.path(name)).info.notes
      #expect(notes.count == 1 && notes[0].contains(words), "\(name): \(notes)")
    }
    #expect(try ImageFormats.open(TIFFTestFiles.path("tczyx.ome.tif")).info.notes.isEmpty)
  }

  @Test("details say what a person wants to know")
  func details() throws {
    func details(_ name: String) throws -> [String: String] {
      let list = try ImageFormats.open(TIFFTestFiles.path(name)).info.details
      return Dictionary(list, uniquingKeysWith: { first, _ in first })
    }
    let ome = try details("tczyx.ome.tif")
    #expect(ome["description"] == "OME" && ome["channels"] == "2" && ome["time points"] == "2, 0.5 s apart")
    #expect(ome["channel names"] == "DAPI, GFP & µ" && ome["variant"] == "classic TIFF")
    let tiles = try details("big-tiles-uint16.tif")
    #expect(tiles["variant"] == "BigTIFF" && tiles["byte order"] == "big-endian" && tiles["pages"] == "2")
    #expect(tiles["stored as"] == "tiles of 16x16, compression none")
    #expect(try details("predictor-int16.tif")["stored as"] == "tiles of 16x16, compression deflate")
  }
}
