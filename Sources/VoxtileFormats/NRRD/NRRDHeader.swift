import Voxtile

/// The header of an NRRD file: a first line with the version, fields (`name: value`), key/value pairs (`key:=value`) and
/// comments, up to an empty line or the end of the file.
struct NRRDHeader: Sendable {
  /// The lines as they are in the file.
  private(set) var text: TextHeader {
    didSet { contents = text.lines.map(Self.content) }
  }
  /// What each line is.
  private var contents: [Content]

  /// What begins the first line.
  static let magic = Array("NRRD000".utf8)

  /// Takes lines.
  init(_ text: TextHeader) {
    self.text = text
    contents = text.lines.map(Self.content)
  }

  /// Whether a line is the one after which nothing but voxels comes.
  static func isLast(_ line: TextHeader.Line) -> Bool { line.text.isEmpty }

  /// What a line is.
  enum Content: Equatable {
    /// A field; its name in lowercase without blanks, so that `data file` and `datafile` are one.
    case field(String, value: String)
    /// A key and a value of the author's own.
    case pair(String, value: String)
    /// The first line, a comment, or nothing that is known.
    case other
  }

  /// What a line is.
  static func content(_ line: TextHeader.Line) -> Content {
    let text = line.text
    guard !text.hasPrefix("#"), let colon = text.firstIndex(of: ":") else { return .other }
    // A key may have a colon, but a field's name has none.
    var index = colon
    while true {
      let next = text.index(after: index)
      if next < text.endIndex, text[next] == "=" {
        return .pair(String(text[..<index]), value: String(text[text.index(after: next)...]))
      }
      if next < text.endIndex, text[next].isBlank { break }
      guard next < text.endIndex, let more = text[next...].firstIndex(of: ":") else { break }
      index = more
    }
    let name = text[..<colon].lowercased().filter { !$0.isBlank }
    return .field(name, value: text[text.index(after: colon)...].trimmed)
  }
}

// MARK: - Values

extension NRRDHeader {
  /// The value of a field with the number of its line.
  struct Entry {
    let name: String
    let value: String
    let line: Int

    /// The error where the value is not what it should be.
    func error(expected: String) -> VoxtileError {
      .textHeader("NRRD", field: name, line: line, expected: expected, found: "'\(value)'")
    }

    /// Whole numbers.
    func integers(count: Int, atLeast least: Int) throws(VoxtileError) -> [Int] {
      guard let numbers = HeaderNumbers.integers(value), numbers.count == count,
        numbers.allSatisfy({ $0 >= least })
      else { throw error(expected: "\(count) whole number\(count == 1 ? "" : "s") of at least \(least)") }
      return numbers
    }
  }

  /// A field, by any of its names as they are in the standard, or `nil`.
  func field(_ names: String...) -> Entry? {
    let keys = names.map { $0.filter { !$0.isBlank } }
    for (index, content) in contents.enumerated() {
      guard case .field(let key, let value) = content, let known = keys.firstIndex(of: key) else {
        continue
      }
      return Entry(name: names[known], value: value, line: index + 1)
    }
    return nil
  }

  /// A field that has to be there.
  func required(_ name: String) throws(VoxtileError) -> Entry {
    if let entry = field(name) { return entry }
    throw .textHeader("NRRD", field: name, line: nil, expected: "there", found: "missing")
  }

  /// The keys and values of the author's own, in the order of the file.
  var pairs: [(key: String, value: String)] {
    contents.compactMap { content in
      guard case .pair(let key, let value) = content else { return nil }
      return (key, value)
    }
  }
}

// MARK: - Changes

extension NRRDHeader {
  /// Sets a field in the line that has it, or in a new one after the last of some other fields, which must come before it.
  mutating func set(_ name: String, to value: String, after others: [String] = ["dimension", "sizes"]) {
    if let entry = field(name) {
      if entry.value != value { text.replace(entry.line - 1, with: "\(name): \(value)") }
      return
    }
    let index = others.compactMap { field($0)?.line }.max() ?? 1
    endLastLine()
    text.insert("\(name): \(value)", at: min(index, text.lines.count))
  }

  /// Inserts a field before a line.
  mutating func insert(_ name: String, _ value: String, at index: Int) {
    text.insert("\(name): \(value)", at: index)
  }

  /// Removes fields, by their names in the standard.
  mutating func removeFields(_ names: Set<String>) {
    let keys = Set(names.map { $0.filter { !$0.isBlank } })
    text.removeAll { line in
      guard case .field(let key, _) = Self.content(line) else { return false }
      return keys.contains(key)
    }
  }

  /// Sets a pair in the line that has it, or in a new one at the end.
  mutating func setPair(_ key: String, to value: String) {
    for (index, content) in contents.enumerated() {
      guard case .pair(key, _) = content else { continue }
      text.replace(index, with: "\(key):=\(value)")
      return
    }
    endLastLine()
    let end = text.lines.last.map(Self.isLast) == true ? text.lines.count - 1 : text.lines.count
    text.insert("\(key):=\(value)", at: end)
  }

  /// Removes pairs.
  mutating func removePairs(where isRemoved: (_ key: String) -> Bool) {
    text.removeAll { line in
      guard case .pair(let key, _) = Self.content(line) else { return false }
      return isRemoved(key)
    }
  }

  /// Makes sure that the header ends with an empty line, after which voxels may come.
  mutating func close() {
    endLastLine()
    if text.lines.last.map(Self.isLast) != true { text.insert("", at: text.lines.count) }
  }

  /// The last line of a file may have no end.
  private mutating func endLastLine() {
    guard let last = text.lines.last, last.bytes.last != 0x0A else { return }
    text.replace(text.lines.count - 1, with: last.text)
  }
}
