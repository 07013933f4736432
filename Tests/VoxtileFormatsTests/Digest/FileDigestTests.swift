import Foundation
import Testing
import VoxtileFormats
import VoxtileTestSupport

@Suite struct FileDigestTests {
  /// The examples of the standard (FIPS 180-4), and one that is longer than what is read at a time.
  @Test(arguments: [
    (Data(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (Data("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      Data("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      Data(repeating: UInt8(ascii: "a"), count: 3_000_000),
      "2a152c894398719c0570f83fac34ac03a0f6e8e474b995c2403aa5434f7b9dd4"
    ),
  ])
  func `the digest is the SHA-256 that sha256sum prints`(bytes: Data, expected: String) throws {
    try withTemporaryFolder { folder in
      let file = "\(folder)/bytes"
      try bytes.write(to: URL(filePath: file))
      let digest = try FileDigest(ofFile: file) {}
      #expect(digest.text == expected)
      #expect(digest.byteCount == bytes.count)
    }
  }

  @Test func `the digest of a folder is that of what sha256sum prints of its files in order`() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/b", withIntermediateDirectories: true)
      try Data("abc".utf8).write(to: URL(filePath: "\(folder)/b/c"))
      try Data().write(to: URL(filePath: "\(folder)/a"))
      let digest = try FileDigest(ofFolder: folder) {}
      #expect(digest.text == "59ddbc084b7db824ab5740e60af8112952e74cd2969e42eb57d21171d5c52cd0")
      #expect(digest.byteCount == 3)
    }
  }

  @Test func `what is thrown while a file is read ends the reading`() throws {
    struct Stopped: Error {}
    try withTemporaryFolder { folder in
      let file = "\(folder)/bytes"
      try Data(count: 3 << 20).write(to: URL(filePath: file))
      var calls = 0
      #expect(throws: Stopped.self) {
        try FileDigest(ofFile: file) {
          calls += 1
          if calls == 2 { throw Stopped() }
        }
      }
      #expect(calls == 2)
    }
  }
}
