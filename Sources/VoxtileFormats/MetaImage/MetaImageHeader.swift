import Voxtile

/// The header of a MetaImage: lines of `Key = Value`, of which the last names the voxels.
struct MetaImageHeader: Sendable {
  /// The lines as they are in the file.
  private(set) var text: TextHeader {
    didSet { contents = text.lines.map { Self.split($0.text) } }
  }
  /// The key and the value of each line.
  private(set) var contents: [(key: String, value: String)?]

  /// Takes lines.
  init(_ text: TextHeader = TextHeader()) {
    self.text = text
    contents = text.lines.map { Self.split($0.text) }
  }

  /// The key and the value of a line, or `nil` where it has none.
  static func split(_ line: String) -> (key: String, value: String)? {
    guard let separator = line.firstIndex(where: { $0 == "=" || $0 == ":" }) else { return nil }
    return (line[..<separator].trimmed, line[line.index(after: separator)...].trimmed)
  }

  /// Whether a line is the one after which nothing but voxels comes.
  static func isLast(_ line: TextHeader.Line) -> Bool {
    split(line.text)?.key == MetaImageKey.data.names[0]
  }

  /// Whether a file begins like a header: its first line has a key of MetaImage, and one of the others says that it is an
  /// object, or its number of dimensions.
  static func recognizes(_ prefix: [UInt8]) -> Bool {
    let start = prefix.prefix(256).prefix { $0 != 0x0A }
    guard let (key, _) = split(String(decoding: start, as: UTF8.self)), MetaImageKey.known.contains(key)
    else {
      return false
    }
    let keys = TextHeader(prefix).lines.compactMap { split($0.text)?.key }
    return keys.contains {
      MetaImageKey.objectType.names.contains($0) || MetaImageKey.rank.names.contains($0)
    }
  }
}

// MARK: - Values

extension MetaImageHeader {
  /// A value with the name of its key and the number of its line.
  struct Entry {
    let name: String
    let value: String
    let line: Int

    /// The error where the value is not what it should be.
    func error(expected: String) -> VoxtileError {
      .textHeader("MetaImage", field: name, line: line, expected: expected, found: "'\(value)'")
    }
  }

  /// The first line with a key, by any of its names.
  func entry(_ key: MetaImageKey) -> Entry? {
    for name in key.names {
      for (index, content) in contents.enumerated() {
        guard let content, content.key == name else { continue }
        return Entry(name: name, value: content.value, line: index + 1)
      }
    }
    return nil
  }

  /// A value that has to be there.
  func required(_ key: MetaImageKey) throws(VoxtileError) -> Entry {
    if let entry = entry(key) { return entry }
    throw .textHeader("MetaImage", field: key.names[0], line: nil, expected: "there", found: "missing")
  }

  /// Whole numbers, or `nil` where the key is missing.
  func integers(_ key: MetaImageKey, count: Int, atLeast least: Int) throws(VoxtileError) -> [Int]? {
    guard let entry = entry(key) else { return nil }
    guard let numbers = HeaderNumbers.integers(entry.value), numbers.count == count,
      numbers.allSatisfy({ $0 >= least })
    else {
      throw entry.error(expected: "\(count) whole number\(count == 1 ? "" : "s") of at least \(least)")
    }
    return numbers
  }

  /// Finite numbers, or `nil` where the key is missing.
  func reals(_ key: MetaImageKey, count: Int) throws(VoxtileError) -> [Double]? {
    guard let entry = entry(key) else { return nil }
    guard let numbers = HeaderNumbers.reals(entry.value), numbers.count == count else {
      throw entry.error(expected: "\(count) finite number\(count == 1 ? "" : "s")")
    }
    return numbers
  }

  /// True or false, or `nil` where the key is missing.
  func flag(_ key: MetaImageKey) throws(VoxtileError) -> Bool? {
    guard let entry = entry(key) else { return nil }
    switch entry.value.lowercased() {
    case "true", "t", "1": return true
    case "false", "f", "0": return false
    default: throw entry.error(expected: "True or False")
    }
  }
}

// MARK: - Changes

extension MetaImageHeader {
  /// Sets the value of a key, in the line that has it, or in a new one before the line of another key, which is by default
  /// the last one.
  mutating func set(_ key: MetaImageKey, to value: String, before next: MetaImageKey = .data) {
    if let entry = entry(key) {
      // An older name stays what it is; a second one for the same would contradict.
      remove(key, except: entry.line - 1)
      guard let kept = self.entry(key) else { return }
      if kept.value != value { text.replace(kept.line - 1, with: "\(kept.name) = \(value)") }
      return
    }
    let index = entry(next).map { $0.line - 1 } ?? text.lines.count
    text.insert("\(key.names[0]) = \(value)", at: index)
  }

  /// Adds a line at the end.
  mutating func append(_ line: String) { text.insert(line, at: text.lines.count) }

  /// Removes all lines of a key but one.
  mutating func remove(_ key: MetaImageKey, except kept: Int? = nil) {
    var index = 0
    text.removeAll { line in
      defer { index += 1 }
      guard index != kept, let (name, _) = Self.split(line.text) else { return false }
      return key.names.contains(name)
    }
  }
}
