import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@Suite("Malformed PNG")
struct PNGMalformedTests {
  /// Small files of every kind of pixel, and those with the most chunks.
  static let names = [
    "type0-1.png", "type0-16.png", "type2-8-adam7.png", "type6-16.png", "pillow-P4-alpha.png",
    "palette-adam7.png", "header-pillow.png", "header-own.png",
  ]

  /// Reads a file, and a box of it, whatever it says.
  private func read(_ path: String) throws {
    let reader = try ImageFormats.open(path)
    _ = try reader.readAny()
    let extent = reader.info.extent
    _ = try reader.readAny(Region(x: 0..<1, y: extent.height - 1..<extent.height))
  }

  @Test("no part of a file is taken for the whole", arguments: names)
  func prefixes(name: String) throws {
    let bytes = try PNGTestFiles.bytes(name)
    try PNGTestFiles.withFile(bytes) { path in
      // From the end on, the file only has to be cut.
      for count in Thoroughness.prefixes(of: bytes.count).reversed() {
        #expect(truncate(path, off_t(count)) == 0)
        let error = #expect(throws: VoxtileError.self, "\(count) bytes") { try read(path) }
        #expect(error?.context.file == path || count >= 8)
      }
    }
  }

  @Test("changed bytes are an error or another image, never more", arguments: names)
  func mutations(name: String) throws {
    let bytes = try PNGTestFiles.bytes(name)
    var random = SeededGenerator(state: UInt64(bytes.count))
    try PNGTestFiles.withFolder { folder in
      let file = folder.appending(path: "file.png")
      var failures = 0
      for round in 0..<Thoroughness.rounds(1000) {
        var changed = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let place = Int.random(in: 8..<bytes.count, using: &random)
          // Small numbers are more often legal than others.
          changed[place] =
            Bool.random(using: &random)
            ? .random(in: 0...255, using: &random) : .random(in: 0...8, using: &random)
        }
        if round % 2 == 1 { changed = PNGTestFiles.withRightChecksums(changed) }
        try Data(changed).write(to: file)
        do { try read(file.path) } catch is VoxtileError { failures += 1 }
      }
      #expect(failures > Thoroughness.rounds(100))
    }
  }

  @Test("a wrong checksum is an error in libspng's words", arguments: names)
  func checksums(name: String) throws {
    var bytes = try PNGTestFiles.bytes(name)
    // The chunk IHDR ends at byte 29; IEND is the last.
    for place in [29, bytes.count - 1] {
      bytes[place] ^= 1
      try PNGTestFiles.withFile(bytes) { path in
        let error = #expect(throws: VoxtileError.self) { try read(path) }
        #expect(error?.code == .malformedFile)
        #expect(error?.message.contains("checksum") == true, "\(error?.message ?? "")")
      }
      bytes[place] ^= 1
    }
  }

  @Test("a size that the file cannot hold is refused before memory is asked for")
  func hugeSizes() throws {
    let bytes = try PNGTestFiles.bytes("type6-16.png")
    for (width, height) in [(0x7FFF_FFFF, 0x7FFF_FFFF), (1, 0x7FFF_FFFF), (0x7FFF_FFFF, 1), (20_000, 20_000)]
    {
      for interlace: UInt8 in [0, 1] {
        var changed = bytes
        for index in 0..<4 {
          changed[16 + index] = UInt8(truncatingIfNeeded: width >> (24 - 8 * index))
          changed[20 + index] = UInt8(truncatingIfNeeded: height >> (24 - 8 * index))
        }
        changed[28] = interlace
        try PNGTestFiles.withFile(PNGTestFiles.withRightChecksums(changed)) { path in
          let error = #expect(throws: VoxtileError.self) { try ImageFormats.open(path) }
          let message = error?.message ?? ""
          #expect(
            message.contains("\(width)x\(height) pixels") || message.contains("rows of more than 4 GiB"),
            "\(message)")
        }
      }
    }
  }

  @Test("a damaged header of a volume is an error or another header, never more")
  func keptHeader() throws {
    let source = try Volume<UInt8>(contentsOf: PNGTestFiles.path("header-own.png"))
    let header = try #require(source.metadata.header)
    var random = SeededGenerator(state: 7)
    func write(_ bytes: [UInt8]) throws {
      let volume = try Volume(
        extent: source.extent, channels: source.channels, voxels: source.voxels,
        metadata: VolumeMetadata(header: .init(format: "png", bytes: bytes)))
      try PNGTestFiles.withFolder { try volume.write(to: $0.appending(path: "image.png").path) }
    }
    #expect(throws: Never.self) { try write(header.bytes) }
    let error = #expect(throws: VoxtileError.self) { try write(Array(header.bytes.dropLast())) }
    #expect(error?.code == .malformedFile)
    for count in header.bytes.indices {
      do { try write(Array(header.bytes.prefix(count))) } catch is VoxtileError {}
    }
    for _ in 0..<Thoroughness.rounds(1000) {
      var changed = header.bytes
      changed[Int.random(in: changed.indices, using: &random)] = .random(in: 0...255, using: &random)
      do { try write(changed) } catch is VoxtileError {}
    }
  }

  private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      // SplitMix64.
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }
}
