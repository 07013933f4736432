import Voxtile

extension LabelTable {
  /// Reads a table of lines, such as ITK-SNAP, FreeSurfer, 3D Slicer and MRIcron have:
  ///
  ///     1  255  0  0  1  1  1  "left lung"           (ITK-SNAP: color, opacity, two switches, name)
  ///     17  Left-Hippocampus  220  216  20  0        (FreeSurfer and 3D Slicer: name, color, opacity)
  ///     37  Hippocampus_L  4101                      (MRIcron: name, and a code that is not used)
  ///
  /// Empty lines and those that begin with `#` or `//` are skipped. Where a label is there twice, the first line counts.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where another line has no whole number and a name.
  init(text: String) throws(VoxtileError) {
    var entries: [Int: Entry] = [:]
    for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard let first = words.first, !first.hasPrefix("#"), !first.hasPrefix("//") else { continue }
      guard let label = Int(first), let entry = Self.entry(line, words.dropFirst()) else {
        // Bytes that are no text tell a person nothing.
        let found = line.isText ? "is \"\(line.prefix(60))\"" : "is no text"
        throw VoxtileError(
          .malformedFile,
          "line \(number + 1) \(found), but a line of a label table has a label and its name, such as \"1 liver\""
        )
      }
      entries[label] = entries[label] ?? entry
    }
    self.init(entries)
  }

  /// What a line says of its label, given the words after the label; `nil` where it says no name.
  private static func entry(_ line: Substring, _ words: ArraySlice<Substring>) -> Entry? {
    if let open = line.firstIndex(of: "\""), let close = line.lastIndex(of: "\""), open < close {
      let name = line[line.index(after: open)..<close]
      return name.isEmpty ? nil : Entry(name: String(name), color: color(words.prefix(3)))
    }
    guard let first = words.first else { return nil }
    // Four numbers at the end are a color and its opacity, three a color.
    for count in [4, 3] where words.count > count {
      let numbers = words.suffix(count)
      if numbers.allSatisfy({ UInt8($0) != nil }), let color = color(numbers.prefix(3)) {
        return Entry(name: words.dropLast(count).joined(separator: " "), color: color)
      }
    }
    if words.count == 2, let last = words.last, Int(last) != nil { return Entry(name: String(first)) }
    return Entry(name: words.joined(separator: " "))
  }

  private static func color(_ words: ArraySlice<Substring>) -> [UInt8]? {
    let values = words.compactMap { UInt8($0) }
    return values.count == 3 ? values : nil
  }

  /// Reads the colors of MRIcron (`.lut`): 256 bytes of red, 256 of green, 256 of blue, by label.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where there are not 768 bytes.
  init(lut bytes: [UInt8]) throws(VoxtileError) {
    guard bytes.count == 768 else {
      throw VoxtileError(
        .malformedFile, "has \(bytes.count) bytes, but a table of colors (.lut) has 768",
        context: .init(expected: "768", found: "\(bytes.count)"))
    }
    // Label 0 is the background, which has no color.
    self.init(
      Dictionary(
        uniqueKeysWithValues: (1..<256).map {
          ($0, Entry(color: [bytes[$0], bytes[256 + $0], bytes[512 + $0]]))
        }))
  }
}

extension Substring {
  /// Whether all of it can be read: no control characters but tabs, and nothing that was no UTF-8.
  fileprivate var isText: Bool {
    unicodeScalars.allSatisfy { $0 == "\t" || $0 != "\u{FFFD}" && $0.properties.generalCategory != .control }
  }
}
