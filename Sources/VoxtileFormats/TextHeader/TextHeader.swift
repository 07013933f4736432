import Voxtile

/// A header of lines of text, kept as the bytes of the file, so that lines that nobody changes stay as they are.
struct TextHeader: Equatable, Sendable {
  /// One line.
  struct Line: Equatable, Sendable {
    /// The bytes with the end of the line; the last line of a file may have none.
    let bytes: [UInt8]
    /// The text without the end of the line; bytes that are no UTF-8 are replaced.
    let text: String

    init(bytes: [UInt8]) {
      self.bytes = bytes
      var content = bytes[...]
      while let last = content.last, last == 0x0A || last == 0x0D { content.removeLast() }
      text = String(decoding: content, as: UTF8.self)
    }
  }

  /// The lines, of which the first is number 1 in messages.
  private(set) var lines: [Line] = []

  /// The most bytes that a header may have.
  static let byteCountLimit = 8 << 20

  init() {}

  /// Takes the bytes of a whole header.
  init(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let end = rest.firstIndex(of: 0x0A).map { $0 + 1 } ?? rest.endIndex
      lines.append(Line(bytes: Array(rest[..<end])))
      rest = rest[end...]
    }
  }

  /// Reads a header from the beginning of a file, up to and with the line that ends it, or up to the end of the file.
  ///
  /// - Parameter isLast: whether a line is the last one of the header.
  /// - Throws: `VoxtileError.Code.malformedFile` where it has more than ``byteCountLimit`` bytes.
  init(of file: InputFile, upTo isLast: (Line) -> Bool) throws(VoxtileError) {
    var count = 1 << 14
    while true {
      let bytes = try file.prefix(count)
      var header = TextHeader(bytes)
      let isWhole = bytes.count < count
      // A line that the part ends in may go on.
      let complete = isWhole ? header.lines[...] : header.lines.dropLast()
      if let last = complete.firstIndex(where: isLast) {
        header.lines.removeSubrange((last + 1)...)
        self = header
        return
      }
      if isWhole {
        self = header
        return
      }
      guard count < Self.byteCountLimit else {
        throw VoxtileError(
          .malformedFile,
          "has a header that does not end within \(Self.byteCountLimit) bytes; the file is damaged or is something else",
          context: .init(
            file: file.path, byteOffset: bytes.count, expected: "at most \(Self.byteCountLimit) bytes",
            found: "more"))
      }
      count *= 2
    }
  }

  /// The bytes of all lines.
  var bytes: [UInt8] { lines.flatMap(\.bytes) }

  /// How many bytes there are.
  var byteCount: Int { lines.reduce(0) { $0 + $1.bytes.count } }

  /// Replaces a line, which keeps its kind of end.
  mutating func replace(_ index: Int, with text: String) {
    lines[index] = line(text, endingLike: lines[index])
  }

  /// Inserts a line, which ends like the first one.
  mutating func insert(_ text: String, at index: Int) {
    lines.insert(line(text, endingLike: lines.first), at: index)
  }

  /// Removes lines.
  mutating func removeAll(where isRemoved: (Line) -> Bool) { lines.removeAll(where: isRemoved) }

  private func line(_ text: String, endingLike other: Line?) -> Line {
    let other = other?.bytes.last == 0x0A ? other : lines.first
    let isDOS = other?.bytes.suffix(2).elementsEqual([0x0D, 0x0A]) == true
    return Line(bytes: Array(text.utf8) + (isDOS ? [0x0D, 0x0A] : [0x0A]))
  }
}

extension VoxtileError {
  /// A line of a text header says what it cannot say.
  ///
  /// - Parameters:
  ///   - format: the format for people, such as `NRRD`.
  ///   - field: the name of the field.
  ///   - line: the number of its line, or `nil` where there is none.
  static func textHeader(
    _ format: String, field: String, line: Int?, expected: String, found: String
  ) -> VoxtileError {
    let found = found.count > 80 ? found.prefix(80) + "..." : found
    return VoxtileError(
      .malformedFile,
      "has \(format.startsLikeVowel ? "an" : "a") \(format) header whose \(field)"
        + (line.map { " (line \($0))" } ?? "")
        + " is \(found), but it should be \(expected); the file is damaged or was written by a faulty program",
      context: .init(expected: expected, found: found))
  }
}

extension String {
  /// Whether the word is spoken with a vowel first, as NRRD is.
  fileprivate var startsLikeVowel: Bool { hasPrefix("NRRD") }
}
