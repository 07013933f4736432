import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The lines of a journal.
public struct JournalLines {
  /// The entries of all lines that are whole, in order.
  public private(set) var entries: [JournalEntry] = []
  /// The numbers of lines that are damaged, from 1 on.
  public private(set) var damaged: [Int] = []
  /// The bytes up to the end of the last line that is complete.
  let wholeByteCount: Int

  /// The last entry of each case.
  public var lastOfEach: [String: JournalEntry] {
    Dictionary(entries.map { ($0.name, $0) }) { _, last in last }
  }

  /// Reads a journal.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where it cannot be read.
  public init(contentsOf path: String) throws {
    let file = try InputFile(path)
    self.init(try file.bytes(at: 0, count: file.byteCount))
  }

  init(_ bytes: [UInt8]) {
    wholeByteCount = (bytes.lastIndex(of: 0x0A) ?? -1) + 1
    let decoder = JSONDecoder()
    for (number, line) in bytes[..<wholeByteCount].split(separator: 0x0A, omittingEmptySubsequences: false)
      .dropLast()
      .enumerated()
    {
      let text = line.dropFirst(9)
      if line.count > 9, Array(line.prefix(9)) == Self.mark(of: text),
        let entry = try? decoder.decode(JournalEntry.self, from: Data(text))
      {
        entries.append(entry)
      } else {
        damaged.append(number + 1)
      }
    }
  }

  /// A line with its checksum and its end.
  static func line(of entry: JournalEntry) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = [UInt8](try encoder.encode(entry))
    return mark(of: text[...]) + text + [0x0A]
  }

  /// The checksum of a line in eight digits, and a space.
  private static func mark(of text: ArraySlice<UInt8>) -> [UInt8] {
    let digits = String(CRC32(of: text).value, radix: 16)
    return Array((String(repeating: "0", count: 8 - digits.count) + digits + " ").utf8)
  }
}
