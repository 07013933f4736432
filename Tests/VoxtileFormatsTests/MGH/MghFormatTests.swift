import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Images of FreeSurfer")
struct MghFormatTests {
  private struct Expectation: Decodable {
    let extent: [Int]
    let channels: Int
    let scalarType: ScalarType
    let crc32: UInt32
    let affine: [[Double]]
  }

  static func path(_ name: String) throws -> String { try Fixture.url("mgh/\(name)").path }

  @Test("every type and frame is read as nibabel reads it, and lies where nibabel puts it")
  func fixtures() throws {
    let all = try Fixture.json("mgh/mgh.json", as: [String: Expectation].self)
    #expect(all.count == 8)
    for (name, expected) in all {
      let reader = try ImageFormats.open(try Self.path(name))
      let info = reader.info
      #expect(info.extent.sizes.all == expected.extent && info.channels == expected.channels, "\(name)")
      #expect(info.scalarType == expected.scalarType && info.notes.isEmpty, "\(name)")
      #expect(info.metadata.place == .world && info.metadata.spatialRank == 3, "\(name)")
      let distances = zip(info.metadata.affine.rows.joined(), expected.affine.joined()).map { abs($0 - $1) }
      #expect(distances.allSatisfy { $0 < 1e-5 }, "\(name): \(info.metadata.affine.rows)")
      var bytes = [UInt8](repeating: 0, count: info.byteCount(of: Region(info.extent)))
      try bytes.withUnsafeMutableBytes { try reader.read(Region(info.extent), into: $0) }
      #expect(bytes.withUnsafeBytes { CRC32($0).value } == expected.crc32, "\(name)")
    }
  }

  @Test("times after the voxels are shown where the file is not compressed")
  func times() throws {
    let details = try ImageFormats.open(try Self.path("series.mgh")).info.details
    let found = details.filter { ["TR", "flip angle", "TE", "TI"].contains($0.name) }.map {
      "\($0.name) \($0.value)"
    }
    #expect(found == ["TR 2300.0 ms", "flip angle 0.157 radians", "TE 2.01 ms", "TI 900.0 ms"])
  }

  /// Opens a fixture with some bytes changed.
  private func info(_ changes: [Int: UInt8], of name: String = "int16.mgh") throws -> VolumeInfo {
    try withTemporaryFolder { folder in
      var bytes = try fileBytes(try Self.path(name))
      for (place, value) in changes { bytes[place] = value }
      try writeFile(bytes, to: "\(folder)/\(name)")
      return try ImageFormats.open("\(folder)/\(name)").info
    }
  }

  @Test(
    "without directions, or with such as do not span space, FreeSurfer's coronal axes are taken, with a note")
  func noPlace() throws {
    let none = try info([29: 0])
    // Sizes are 5, 4 and 3: the voxel at half of them lies at 0.
    #expect(none.metadata.affine.rows == [[-1, 0, 0, 2.5], [0, 0, 1, -1.5], [0, -1, 0, 2]])
    #expect(none.metadata.affine.orientation == "LIA" && none.metadata.place == .world)
    #expect(none.notes.count == 1 && none.notes[0].contains("its RAS flag is 0"))
    let kept = VolumeMetadata.kept(affine: none.metadata.affine, header: none.metadata.header)
    #expect(kept == none.metadata)
    // A flag below 0 is none either, for FreeSurfer.
    #expect(try info([28: 0xFF, 29: 0xFF]).metadata.affine == none.metadata.affine)
    let zeros = try info(Dictionary(uniqueKeysWithValues: (42..<78).map { ($0, 0) }))
    #expect(zeros.metadata.affine == none.metadata.affine && zeros.notes[0].contains("do not span space"))
    #expect(zeros.metadata.place == .unknown)
  }

  @Test("fields that cannot be are named, and so are types that are not read")
  func faults() throws {
    for (changes, code, words) in [
      ([4: 0x80], VoxtileError.Code.malformedFile, "width is -"), ([7: 0], .malformedFile, "width is 0"),
      ([4: 0x7F, 8: 0x7F, 12: 0x7F], .malformedFile, "fewer than 2^60 bytes"),
      ([23: 99], .malformedFile, "type is 99"),
      ([16: 0x10], .malformedFile, "should have"), ([23: 5], .unsupportedFormat, "stores bits"),
      ([23: 7], .unsupportedFormat, "stores complex numbers"),
      ([78: 0x7F, 79: 0x80], .malformedFile, "vox2ras"),
    ] as [([Int: UInt8], VoxtileError.Code, String)] {
      let error = #expect(throws: VoxtileError.self, "\(words)") { try info(changes) }
      #expect(
        error?.code == code && error?.message.contains(words) == true, "\(words): \(error?.message ?? "")")
    }
    let short = #expect(throws: VoxtileError.self) {
      try withTemporaryFolder { folder in
        try writeFile([0, 0, 0, 1, 0], to: "\(folder)/a.mgh")
        _ = try ImageFormats.open("\(folder)/a.mgh")
      }
    }
    #expect(short?.message.contains("beginning is 5 bytes") == true)
  }

  @Test("bytes that only begin like the format are not taken for it")
  func recognition() throws {
    try withTemporaryFolder { folder in
      try writeFile([0, 0, 0, 1] + [UInt8](repeating: 0, count: 400), to: "\(folder)/a.bin")
      let error = #expect(throws: VoxtileError.self) { try ImageFormats.open("\(folder)/a.bin") }
      #expect(error?.message.contains("is not an image in a format that is read here") == true)
    }
  }

  @Test(
    "thousands of changed files are an error or an image, never more", arguments: ["int16.mgh", "series.mgz"])
  func mutations(name: String) throws {
    let bytes = try fileBytes(try Self.path(name))
    let range = name.hasSuffix("mgh") ? 0..<90 : bytes.indices
    #expect(try DamagedFiles.refusedShare(of: bytes, named: name, in: range, rounds: 2000) > 0.15)
  }
}
