import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Checksums")
struct ChecksumTests {
  @Test("a checksum is what zlib.crc32 gives")
  func known() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a"
      // The check value of CRC-32, an empty file, and one of several reads.
      for (bytes, value) in [
        ([UInt8]("123456789".utf8), "crc32:cbf43926"), ([], "crc32:00000000"),
        ([UInt8](repeating: 0x61, count: 3_000_001), "crc32:a8b40752"),
      ] {
        try writeFile(bytes, to: path)
        #expect(try Checksum(ofFile: path).description == value)
      }
    }
  }

  @Test("only `crc32:` and eight digits is read as a checksum")
  func text() {
    #expect(Checksum("crc32:00000001") == Checksum(1))
    #expect(Checksum("crc32:CBF43926")?.description == "crc32:cbf43926")
    for text in [
      "", "crc32:", "crc32:1", "crc32:+0000001", "crc32:-0000001", "md5:00000000", "crc32:0000000g",
    ] {
      #expect(Checksum(text) == nil, "\(text)")
    }
  }

  @Test(
    "the checksum and the size of an image count its voxels, where they lie in a file of their own",
    arguments: ["mhd", "hdr", "nhdr"])
  func pair(ending: String) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.\(ending)"
      try Volume<UInt8>(extent: Extent(4), repeating: 1).write(to: path)
      let name = try #require(
        try FileManager.default.contentsOfDirectory(atPath: folder).first { $0 != "a.\(ending)" })
      let voxels = "\(folder)/\(name)"
      let (checksum, header) = try (Checksum(ofImage: path), Checksum(ofFile: path))
      #expect(try Checksum.byteCount(ofImage: path) == fileBytes(path).count + fileBytes(voxels).count)
      var bytes = try fileBytes(voxels)
      bytes[bytes.count - 1] ^= 1
      try writeFile(bytes, to: voxels)
      #expect(try Checksum(ofImage: path) != checksum && Checksum(ofFile: path) == header)
    }
  }
}
