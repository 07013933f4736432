import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Damaged NumPy arrays")
struct NpyDamageTests {
  static let names = [
    "int16-big.npy", "fortran-half.npy", "color.npy", "bool.npy", "stored.npz", "compressed.npz",
    "fortran.npz",
    "one-volume.npz",
  ]

  @Test("no part of a file is taken for the whole", arguments: names)
  func prefixes(name: String) throws {
    try DamagedFiles.expectNoPrefix(of: try fileBytes(try NpyFixtures.path(name)), named: name)
  }

  @Test("thousands of changed files are an error or an image, never more", arguments: names)
  func mutations(name: String) throws {
    let bytes = try fileBytes(try NpyFixtures.path(name))
    let isArchive = name.hasSuffix("npz")
    // Headers, and the directory at the end.
    #expect(try DamagedFiles.refusedShare(of: bytes, named: name, in: 0..<128, rounds: 1000) > 0.2)
    if isArchive {
      let end = bytes.count - 200..<bytes.count
      #expect(try DamagedFiles.refusedShare(of: bytes, named: name, in: end, rounds: 1000) > 0.2)
    }
  }

  @Test("compressed data that were changed do not pass their checksum")
  func checksum() throws {
    let bytes = try fileBytes(try NpyFixtures.path("compressed.npz"))
    // Stored numbers of random bits: most changes still inflate.
    let middle = bytes.count / 2
    for place in middle..<middle + 40 {
      var changed = bytes
      changed[place] ^= 4
      try withTemporaryFolder { folder in
        try writeFile(changed, to: "\(folder)/a.npz")
        #expect(try !DamagedFiles.isReadable("\(folder)/a.npz"), "byte \(place)")
      }
    }
  }

  @Test("an archive that says that a few bytes unpack to many is refused when it is opened")
  func bomb() throws {
    let info = VolumeInfo(extent: Extent(4096), scalarType: .uint8)
    let header = NpyHeader(.uint8, axes: NpyShape(writing: info).axes)
    let head = NpzFrame.head
    var sum = CRC32()
    let claimed = header.bytes + [UInt8](repeating: 0, count: 64)
    claimed.withUnsafeBytes { sum.update($0) }
    let data = claimed.gzipped().dropFirst(10).dropLast(8)
    try withTemporaryFolder { folder in
      var bytes = head + data
      bytes += NpzFrame.tail(sum, end: bytes.count)
      try writeFile(bytes, to: "\(folder)/a.npz")
      let error = #expect(throws: VoxtileError.self) { try ImageFormats.open("\(folder)/a.npz") }
      #expect(error?.message.contains("shape is (4096, 4096, 4096)") == true, "\(error?.message ?? "")")
    }
  }

  @Test("archives that are no arrays, or encrypted, say so")
  func archives() throws {
    let bytes = try fileBytes(try NpyFixtures.path("compressed.npz"))
    let record: [UInt8] = [0x50, 0x4B, 1, 2]
    let directory = try #require(bytes.firstRange(of: record)?.lowerBound)
    for (offset, value, words) in [(8, 1 as UInt8, "is encrypted"), (10, 12, "is compressed by method 12")] {
      try withTemporaryFolder { folder in
        var changed = bytes
        changed[directory + offset] = value
        try writeFile(changed, to: "\(folder)/a.npz")
        let error = #expect(throws: VoxtileError.self) { try ImageFormats.open("\(folder)/a.npz") }
        #expect(error?.code == .unsupportedFormat && error?.message.contains(words) == true)
      }
    }
  }
}
