import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Malformed MetaImage and NRRD")
struct TextHeaderMalformedTests {
  /// The fixtures with each of their files, which is to be damaged.
  private static let damaged: [(name: String, file: String)] = TextHeaderTestFiles.names.flatMap { name in
    ((try? TextHeaderTestFiles.files(of: name, in: TextHeaderTestFiles.fixtures)) ?? []).map { (name, $0) }
  }

  /// Calls with a folder that has the files of one fixture, and the bytes of the one that is to be damaged.
  private func withFiles(_ name: String, _ file: String, _ body: (String, [UInt8]) throws -> Void) throws {
    try withTemporaryFolder { folder in
      for other in try TextHeaderTestFiles.files(of: name, in: TextHeaderTestFiles.fixtures) {
        try writeFile(fileBytes("\(TextHeaderTestFiles.fixtures)/\(other)"), to: "\(folder)/\(other)")
      }
      try body(folder, fileBytes("\(folder)/\(file)"))
    }
  }

  @Test("there are files of all kinds to damage")
  func kinds() {
    #expect(Self.damaged.count == 18)
  }

  @Test("every prefix is refused, or has every voxel", arguments: damaged)
  func prefixes(name: String, file: String) throws {
    try withFiles(name, file) { folder, bytes in
      let whole = try ImageFormats.open("\(folder)/\(name)").bytes()
      for count in Thoroughness.prefixes(of: bytes.count) {
        try writeNewFile(Array(bytes[..<count]), to: "\(folder)/\(file)")
        do {
          let found = try ImageFormats.open("\(folder)/\(name)").bytes()
          #expect(found == whole, "the first \(count) bytes")
        } catch let error as VoxtileError {
          #expect(!error.message.isEmpty && error.context.file != nil, "the first \(count) bytes")
        }
      }
    }
  }

  @Test("hundreds of mutations of each are refused or read, never trapped on", arguments: damaged)
  func mutations(name: String, file: String) throws {
    try withFiles(name, file) { folder, bytes in
      for seed in 0..<UInt64(Thoroughness.rounds(400)) {
        var random = TestRandom(seed: seed)
        var mutated = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&mutated, &random) }
        try writeNewFile(mutated, to: "\(folder)/\(file)")
        do {
          let reader = try ImageFormats.open("\(folder)/\(name)")
          // What is damaged may hold more than fits in the memory of a test, if it is compressed well.
          guard reader.info.byteCount(of: Region(reader.info.extent)) < 1 << 24 else { continue }
          _ = try reader.bytes()
          try writeBox(of: reader, in: folder)
        } catch let error as VoxtileError {
          #expect(!error.message.isEmpty && error.context.file != nil, "seed \(seed)")
        }
      }
    }
  }

  /// Writes the last slice: a header that could be read can be written.
  private func writeBox(of reader: any VolumeReader, in folder: String) throws {
    let sizes = reader.info.extent.sizes.all
    let region = Region(x: 0..<sizes[0], y: 0..<sizes[1], z: sizes[2] - 1..<sizes[2])
    for name in ["box.mha", "box.nrrd"] {
      try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
      let expected: TextHeaderTestFiles.Expectation
      do {
        expected = try TextHeaderTestFiles.write(region, of: reader, to: "\(folder)/\(name)")
      } catch let error as VoxtileError where error.message.contains("scaling") {
        continue
      }
      let found = try ImageFormats.open("\(folder)/\(name)")
      #expect(try found.bytes().withUnsafeBytes { CRC32($0).value } == expected.crc32, "\(name)")
    }
  }

  /// Changes a byte, or what a header says: a digit, a word, a line.
  private func mutate(_ bytes: inout [UInt8], _ random: inout TestRandom) {
    let index = Int.random(in: bytes.indices, using: &random)
    let numbers = [
      "-1", "0", "99999999999", "9223372036854775807", "1e300", "nan", "inf", "none", "()", ":", "=", "\n",
      "%",
    ]
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      bytes[index] =
        [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random) ?? 0
    case 1:
      // A word of the header.
      let end = min(bytes.count, 600)
      let start = Int.random(in: 0..<end, using: &random)
      let word = Array((numbers.randomElement(using: &random) ?? "").utf8)
      bytes.replaceSubrange(start..<min(start + Int.random(in: 0...4, using: &random), end), with: word)
    case 2:
      guard let start = bytes[index...].firstIndex(of: 0x0A),
        let end = bytes[(start + 1)...].firstIndex(of: 0x0A)
      else { return }
      bytes.removeSubrange(start..<end)
    default:
      let digits = bytes.prefix(600).indices.filter { (0x30...0x39).contains(bytes[$0]) }
      if let digit = digits.randomElement(using: &random) {
        bytes[digit] = UInt8.random(in: 0x30...0x39, using: &random)
      }
    }
  }

  @Test("a header without an end is refused before all of it is in memory")
  func endless() throws {
    for start in ["ObjectType = Image\n", "NRRD0004\n"] {
      try withTemporaryFolder { folder in
        try writeFile(
          Array(start.utf8) + [UInt8](repeating: 0x41, count: TextHeader.byteCountLimit + 1),
          to: "\(folder)/a")
        let error = #expect(throws: VoxtileError.self) { try ImageFormats.open("\(folder)/a") }
        #expect(
          error?.message.contains("does not end within 8388608 bytes") == true, "\(String(describing: error))"
        )
      }
    }
  }

  @Test("tens of thousands of lines are read once")
  func manyLines() throws {
    let clock = ContinuousClock()
    let pairs = String(repeating: "k:=v\n", count: 30_000)
    let lines = String(repeating: "k = v\n", count: 30_000)
    let nrrd = "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 5 4 3\nencoding: raw\n\(pairs)\n"
    let meta =
      "ObjectType = Image\nNDims = 3\n\(lines)DimSize = 5 4 3\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n"
    let start = clock.now
    #expect(try TextHeaderTestFiles.open(nrrd, "a.nrrd").extent.voxelCount == 60)
    #expect(try TextHeaderTestFiles.open(meta, "a.mha").extent.voxelCount == 60)
    #expect(clock.now - start < .seconds(60))
  }

  @Test("a small compressed file cannot declare a large image")
  func bomb() throws {
    for (name, file) in [("compressed.mha", "DimSize = 5 4 3"), ("list.nrrd", "sizes: 5 4 3 2")] {
      try withFiles(name, name) { folder, bytes in
        let text = Array(file.utf8)
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: text) })
        var large = bytes
        let key = try #require(file.firstIndex { $0 == "=" || $0 == ":" })
        let sizes = name.hasSuffix("mha") ? " 50000 40000 30000" : " 50000 40000 3000 2"
        large.replaceSubrange(start..<start + text.count, with: Array((file[...key] + sizes).utf8))
        try writeNewFile(large, to: "\(folder)/\(name)")
        let error = #expect(throws: VoxtileError.self) { try ImageFormats.open("\(folder)/\(name)") }
        #expect(error?.message.contains("cannot hold more than") == true, "\(String(describing: error))")
      }
    }
  }
}
