import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

/// What the tests of JPEG share.
enum JPEGFixtures {
  static let hasLibrary = (try? TurboJPEG.library()) != nil

  static func bytes(_ name: String) throws -> [UInt8] { try fileBytes(try Fixture.url("jpeg/\(name)").path) }
}

@Suite("JPEG", .enabled(if: JPEGFixtures.hasLibrary, "needs libjpeg-turbo"))
struct JPEGFormatTests {
  private struct Expectation: Decodable {
    let extent: [Int]
    let channels: Int
    let orientation: Int
    let samples: [Int]
  }

  /// Opens a file of some bytes and reads all of it.
  private func read(_ bytes: [UInt8], named name: String = "a.jpg") throws -> Volume<UInt8> {
    try withTemporaryFolder { folder in
      try writeFile(bytes, to: "\(folder)/\(name)")
      return try ImageFormats.open("\(folder)/\(name)").read()
    }
  }

  @Test("pixels are those of Pillow, read whole and in rows, with a note where viewers should turn them")
  func fixtures() throws {
    let all = try Fixture.json("jpeg/jpeg.json", as: [String: Expectation].self)
    #expect(all.count == 8)
    for (name, expected) in all {
      let path = try Fixture.url("jpeg/\(name)").path
      let reader = try ImageFormats.open(path)
      let info = reader.info
      #expect(info.extent.sizes.all == expected.extent && info.channels == expected.channels, "\(name)")
      #expect(info.scalarType == .uint8 && info.isPlanar && info.metadata.place == .unknown, "\(name)")
      #expect(info.notes.count == (expected.orientation == 1 ? 0 : 1), "\(name)")
      #expect(info.notes.allSatisfy { $0.contains("EXIF orientation \(expected.orientation)") }, "\(name)")
      let whole: Volume<UInt8> = try reader.read()
      // Versions of the library may round differently.
      let differences = zip(whole.voxels, expected.samples).map { abs(Int($0) - $1) }
      #expect(differences.allSatisfy { $0 <= 2 } && differences.count == expected.samples.count, "\(name)")
      for y in 0..<info.extent.height {
        let box = Region(x: 0..<info.extent.width, y: y..<y + 1)
        let row: Volume<UInt8> = try reader.read(box)
        #expect(row.voxels == whole[box].voxels, "\(name), row \(y)")
      }
    }
  }

  @Test("CMYK, lossless frames, other depths and arithmetic coding are refused by name")
  func refusals() throws {
    let cmyk = #expect(throws: VoxtileError.self) { try read(try JPEGFixtures.bytes("cmyk.jpg")) }
    #expect(cmyk?.code == .unsupportedFormat && cmyk?.message.contains("CMYK") == true)
    let bytes = try JPEGFixtures.bytes("gray.jpg")
    let frame = try #require(bytes.firstRange(of: [0xFF, 0xC0])?.lowerBound)
    for (offset, value, words) in [
      (1, 0xC3 as UInt8, "is lossless"), (1, 0xC9, "coded in a way (SOF9)"),
      (4, 12, "has 12 bits per sample"),
      (9, 2, "has 2 components"),
    ] {
      var changed = bytes
      changed[frame + offset] = value
      let error = #expect(throws: VoxtileError.self, "\(words)") { try read(changed) }
      #expect(error?.code == .unsupportedFormat && error?.message.contains(words) == true, "\(words)")
    }
  }

  @Test(
    "more pixels than the file can hold, none, and thousands of scans are refused before memory is asked for")
  func bombs() throws {
    let bytes = try JPEGFixtures.bytes("gray.jpg")
    let frame = try #require(bytes.firstRange(of: [0xFF, 0xC0])?.lowerBound)
    for (size, words) in [
      ([0xFF, 0xFF, 0xFF, 0xFF] as [UInt8], "cannot hold more than"), ([0, 0, 0, 23], "23x0 pixels"),
    ] {
      let changed = Array(bytes[..<(frame + 5)] + size + bytes[(frame + 9)...])
      let error = #expect(throws: VoxtileError.self) { try read(changed) }
      #expect(
        error?.code == .malformedFile && error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
    let progressive = try JPEGFixtures.bytes("progressive.jpg")
    let first = try #require(progressive.lastRange(of: [0xFF, 0xDA])?.lowerBound)
    let scan = progressive[first..<progressive.count - 2]
    let many = progressive.dropLast(2) + (0..<120).flatMap { _ in scan } + progressive.suffix(2)
    let error = #expect(throws: VoxtileError.self) { try read(Array(many)) }
    #expect(error?.message.contains("scans, more than the 100") == true, "\(error?.message ?? "")")
    let markers = bytes[..<2] + (0..<5000).flatMap { _ in [0xFF, 0xFE, 0, 2] as [UInt8] } + bytes[2...]
    let endless = #expect(throws: VoxtileError.self) { try read(Array(markers)) }
    #expect(endless?.message.contains("more than 4096 markers") == true)
  }

  @Test("the tag of EXIF is found in both byte orders, and damaged directories have none")
  func exif() {
    let little: [UInt8] =
      Array("Exif\0\0II*\0".utf8) + [8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]
    let big: [UInt8] =
      Array("Exif\0\0MM\0*".utf8) + [0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]
    #expect(EXIFOrientation.value(in: little) == 6 && EXIFOrientation.value(in: big) == 6)
    for count in 0..<little.count - 2 { #expect(EXIFOrientation.value(in: Array(little[..<count])) == nil) }
    var far = little
    far[10...13] = [0xFF, 0xFF, 0xFF, 0xFF]
    #expect(EXIFOrientation.value(in: far) == nil)
    var wrong = little
    wrong[24] = 9
    #expect(EXIFOrientation.value(in: wrong) == nil)
  }

  @Test(
    "no part of a file is taken for the whole", arguments: ["gray.jpg", "progressive.jpg", "turned-6.jpg"])
  func prefixes(name: String) throws {
    try DamagedFiles.expectNoPrefix(of: try JPEGFixtures.bytes(name), named: name)
  }

  @Test(
    "thousands of changed files are an error or an image, never more",
    arguments: ["gray.jpg", "progressive.jpg", "restart.jpg", "turned-8.jpg"])
  func mutations(name: String) throws {
    #expect(try DamagedFiles.refusedShare(of: try JPEGFixtures.bytes(name), named: name, rounds: 2000) > 0.1)
  }

  @Test("patches of a JPEG are PNG, and nothing is written as JPEG")
  func writing() throws {
    #expect(ImageFormats.registry.patchEnding(forName: "a.jpeg") == "png")
    #expect(!ImageFormats.registry.patchEndings.contains("jpg"))
    try withTemporaryFolder { folder in
      let error = #expect(throws: VoxtileError.self) {
        try Volume<UInt8>(extent: Extent(width: 4, height: 4)).write(to: "\(folder)/a.jpg")
      }
      #expect(error?.code == .unsupportedFormat)
      let names = try fileNames(in: folder)
      #expect(names.isEmpty)
    }
  }
}
