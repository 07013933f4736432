import Voxtile
import VoxtileFormats

/// The rows of a CSV or TSV file (RFC 4180): values between separators, in double quotes where they hold one.
package struct SeparatedValues {
  /// The values of one row.
  package struct Row {
    /// The line on which it begins, counted from 1.
    package let line: Int
    package var values: [String]
  }

  /// The rows, without empty ones: spreadsheets write some below a table.
  package let rows: [Row]

  /// The most bytes of a table.
  private static let maxBytes = 64 << 20

  /// Reads a file; a `.tsv` is separated by tabs.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where it cannot be read, `VoxtileError.Code.malformedFile` where it is too large or no
  ///   such table.
  package init(contentsOf path: String) throws {
    let file = try InputFile(path)
    guard file.byteCount <= Self.maxBytes else {
      throw VoxtileError(
        .malformedFile, "has \(file.byteCount) bytes; a table has at most \(Self.maxBytes)",
        context: .init(file: path, expected: "<= \(Self.maxBytes)", found: "\(file.byteCount)"))
    }
    let bytes = try file.bytes(at: 0, count: file.byteCount)
    do {
      try self.init(
        bytes, separator: path.lowercased().hasSuffix(".tsv") ? UInt8(ascii: "\t") : UInt8(ascii: ","))
    } catch {
      throw error.inFile(path)
    }
  }

  /// - Throws: `VoxtileError.Code.malformedFile` where a quote is not closed, or the text is not UTF-8.
  init(_ bytes: [UInt8], separator: UInt8) throws(VoxtileError) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    var scanner = Scanner(
      bytes: bytes.starts(with: mark) ? Array(bytes.dropFirst(3)) : bytes, separator: separator)
    var rows: [Row] = []
    while let row = try scanner.row() {
      if row.values.contains(where: { !$0.isEmpty }) { rows.append(row) }
    }
    self.rows = rows
  }

  /// A value as it is written in a row: in quotes where it has to be.
  static func quoted(_ value: String) -> String {
    // By bytes: a character of Swift may be a quote and an accent over it.
    let mark = UInt8(ascii: "\"")
    guard value.utf8.contains(where: { [mark, UInt8(ascii: ","), 0x0A, 0x0D].contains($0) }) else {
      return value
    }
    return String(
      decoding: [mark] + value.utf8.flatMap { $0 == mark ? [mark, mark] : [$0] } + [mark], as: UTF8.self)
  }

  private struct Scanner {
    let bytes: [UInt8]
    let separator: UInt8
    var offset = 0
    var line = 1

    mutating func row() throws(VoxtileError) -> Row? {
      guard offset < bytes.count else { return nil }
      var row = Row(line: line, values: [])
      while true {
        row.values.append(try value())
        guard offset < bytes.count, bytes[offset] == separator else { break }
        offset += 1
      }
      if offset < bytes.count, bytes[offset] == UInt8(ascii: "\r") { offset += 1 }
      if offset < bytes.count, bytes[offset] == UInt8(ascii: "\n") { offset += 1 }
      line += 1
      return row
    }

    private mutating func value() throws(VoxtileError) -> String {
      if offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") { return try quotedValue() }
      let start = offset
      while offset < bytes.count, bytes[offset] != separator, ![0x0A, 0x0D].contains(bytes[offset]) {
        offset += 1
      }
      return try text(bytes[start..<offset])
    }

    private mutating func quotedValue() throws(VoxtileError) -> String {
      let first = line
      var value: [UInt8] = []
      offset += 1
      while offset < bytes.count {
        let byte = bytes[offset]
        offset += 1
        if byte == UInt8(ascii: "\"") {
          guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
            guard offset == bytes.count || [separator, 0x0A, 0x0D].contains(bytes[offset]) else {
              throw CaseTable.malformed("has text after a closing quote", line: line)
            }
            return try text(value[...])
          }
          offset += 1
        }
        if byte == 0x0A { line += 1 }
        value.append(byte)
      }
      throw CaseTable.malformed("opens a quote that is never closed", line: first)
    }

    private func text(_ bytes: ArraySlice<UInt8>) throws(VoxtileError) -> String {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw CaseTable.malformed("is not UTF-8", line: line)
      }
      return String(text.trimmingPrefix { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }
}
