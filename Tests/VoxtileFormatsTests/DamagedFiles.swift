import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

/// Files that are cut short or changed: whatever they say, opening and reading them gives an error or an image, and no trap.
enum DamagedFiles {
  /// Opens a file and reads all of it, and its last slice.
  ///
  /// - Returns: whether there was an image.
  @discardableResult
  static func isReadable(_ path: String) throws -> Bool {
    do {
      let reader = try ImageFormats.open(path)
      _ = try reader.readAny()
      let extent = reader.info.extent
      _ = try reader.readAny(
        Region(x: 0..<extent.width, y: 0..<extent.height, z: extent.depth - 1..<extent.depth))
      return true
    } catch let error as VoxtileError {
      #expect(!error.message.isEmpty && error.context.file != nil)
      return false
    }
  }

  /// Makes sure that each prefix of a file is refused.
  static func expectNoPrefix(of bytes: [UInt8], named name: String) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/\(name)"
      for count in Thoroughness.prefixes(of: bytes.count) {
        try writeNewFile(Array(bytes[..<count]), to: path)
        #expect(try !isReadable(path), "the first \(count) of \(bytes.count) bytes of \(name)")
      }
      try writeNewFile(bytes, to: path)
      #expect(try isReadable(path), "\(name)")
    }
  }

  /// Reads a file with a few changed bytes, again and again; numbers at the edges of types come up often.
  ///
  /// - Parameter rounds: how often in a release build.
  /// - Returns: the share of the changed files that were refused, from 0 to 1.
  static func refusedShare(
    of bytes: [UInt8], named name: String, in range: Range<Int>? = nil, rounds: Int
  ) throws -> Double {
    try withTemporaryFolder { folder in
      let rounds = Thoroughness.rounds(rounds)
      let path = "\(folder)/\(name)"
      let range = (range ?? bytes.indices).clamped(to: bytes.indices)
      var refused = 0
      for var random in SplitMix64.cases(rounds, from: 1) {
        var changed = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          let edges: [UInt8] = [
            0, 1, 0x7F, 0x80, 0xFF, 0x30, 0x39, UInt8.random(in: 0...255, using: &random),
          ]
          changed[Int.random(in: range, using: &random)] = edges.randomElement(using: &random) ?? 0
        }
        try writeNewFile(changed, to: path)
        if try !isReadable(path) { refused += 1 }
      }
      return Double(refused) / Double(rounds)
    }
  }
}
