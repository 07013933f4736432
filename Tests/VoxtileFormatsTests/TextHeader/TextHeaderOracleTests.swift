import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("MetaImage and NRRD, with SimpleITK and pynrrd", .enabled(if: TextHeaderTestFiles.python != nil))
struct TextHeaderOracleTests {
  private func run(_ script: String, _ argument: String) throws -> String {
    let python = try #require(TextHeaderTestFiles.python)
    return try OtherProgram.run(
      python, [NiftiTestFiles.fixtures.appending(path: script).path, argument]
    ).output
  }

  private func check(_ entries: [TextHeaderTestFiles.Expectation], in folder: String) throws {
    try JSONEncoder().encode(entries).write(to: URL(filePath: "\(folder)/list.json"))
    #expect(try run("check_text_headers.py", "\(folder)/list.json") == "checked \(entries.count)\n")
  }

  @Test("every type, shape, byte order and encoding that they write is read")
  func theirs() throws {
    try withTemporaryFolder { folder in
      #expect(try run("make_text_header_fixtures.py", folder).isEmpty)
      let all = try TextHeaderTestFiles.expectations(in: folder)
      #expect(all.count == 760)
      for (name, expected) in all { try TextHeaderTestFiles.check("\(folder)/\(name)", expected) }
    }
  }

  @Test("they read every type and shape that is written")
  func ours() throws {
    try withTemporaryFolder { folder in
      var entries: [TextHeaderTestFiles.Expectation] = []
      var random = TestRandom(seed: 5)
      let oblique = Affine(rows: [[0, -1.5, 0, 12.5], [-0.75, 0, 0, -40.25], [0, 0, 2.5, 7.75]])
      let flat = Affine(rows: [[-0.5, 0, 0, 12.5], [0, 0.25, 0, -40.25], [0, 0, 1, 0]])
      for type in ScalarType.allCases {
        for (extent, affine) in [
          (Extent(width: 5, height: 4, depth: 3), oblique), (Extent(width: 6, height: 3), flat),
        ] {
          for channels in [1, 3] {
            for ending in ["mha", "mhd", "nrrd", "nhdr", "seg.nrrd"]
            where ending != "seg.nrrd" || type.isInteger {
              let info = VolumeInfo(
                extent: extent, channels: channels, scalarType: type, metadata: VolumeMetadata(affine: affine)
              )
              // SimpleITK turns what is not finite into other bits.
              let bytes = random.bytes(info.byteCount(of: Region(extent))).map { $0 & 0x3F }
              let path = "\(folder)/\(type.rawValue)-\(extent.depth)-\(channels).\(ending)"
              try ImageFormats.create(path, info: info).writeInSlabs(bytes, info: info, count: 2)
              entries.append(
                .init(
                  path: path, extent: extent.sizes.all, channels: channels, scalarType: type,
                  crc32: bytes.withUnsafeBytes { CRC32($0).value }, affine: affine.rows))
            }
          }
        }
      }
      try check(entries, in: folder)
    }
  }

  @Test("they place a box where it was cut from, compressed or not, in either byte order")
  func boxes() throws {
    try withTemporaryFolder { folder in
      var entries: [TextHeaderTestFiles.Expectation] = []
      // SimpleITK has no place for the second one, and pynrrd no kinds.
      for name in TextHeaderTestFiles.names where !["series.mha", "plain.nrrd"].contains(name) {
        let reader = try ImageFormats.open("\(TextHeaderTestFiles.fixtures)/\(name)")
        let depth = reader.info.extent.depth
        let region = Region(x: 1..<4, y: 2..<4, z: min(1, depth - 1)..<depth)
        entries.append(try TextHeaderTestFiles.write(region, of: reader, to: "\(folder)/\(name)"))
      }
      try check(entries, in: folder)
    }
  }
}
