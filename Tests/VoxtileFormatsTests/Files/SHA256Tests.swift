import Testing
import VoxtileFormats
import VoxtileTestSupport

@Suite("SHA256") struct SHA256Tests {
  private func digest(_ bytes: [UInt8], step: Int) -> String {
    var sum = SHA256()
    bytes.withUnsafeBytes { bytes in
      for start in stride(from: 0, to: bytes.count, by: step) {
        sum.update(UnsafeRawBufferPointer(rebasing: bytes[start..<min(bytes.count, start + step)]))
      }
    }
    return sum.hexadecimal
  }

  @Test(
    "the digests of the standard and of sha256sum",
    arguments: [
      ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
  func known(text: String, count: Int, expected: String) {
    let bytes = [UInt8](String(repeating: text, count: count).utf8)
    #expect(digest(bytes, step: max(1, bytes.count)) == expected)
    for step in [1, 7, 63, 64, 65, 1000] where bytes.count < 100_000 || step > 60 {
      #expect(digest(bytes, step: step) == expected)
    }
  }

  @Test("a file is read whole, whatever its size")
  func file() throws {
    try withTemporaryFolder { folder in
      for count in [0, 1, 55, 56, 64, 1 << 20, (1 << 20) + 1, 3 << 20] {
        let bytes = [UInt8](repeating: 7, count: count)
        try writeNewFile(bytes, to: "\(folder)/a")
        let (found, size) = try SHA256.ofFile("\(folder)/a")
        #expect(found == digest(bytes, step: 1 << 20) && size == count)
      }
    }
  }
}
