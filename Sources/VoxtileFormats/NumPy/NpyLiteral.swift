import Voxtile

/// A value in the header of a NumPy array, which is a dictionary in the notation of Python.
enum NpyLiteral: Equatable, Sendable {
  /// Such as `'<f4'`.
  case text(String)
  /// `True` or `False`.
  case flag(Bool)
  /// Such as `(3, 4, 5)`.
  case sizes([Int])

  /// The entries of a dictionary, in their order.
  ///
  /// Only what such a header can hold is understood: short texts without escapes, truth values, and tuples of whole numbers.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` for anything else, `VoxtileError.Code.unsupportedFormat` for a list, which
  ///   describes records.
  static func dictionary(_ bytes: [UInt8]) throws(VoxtileError) -> [(key: String, value: NpyLiteral)] {
    var reader = NpyLiteralReader(bytes: bytes)
    return try reader.dictionary()
  }
}

/// Reads the notation from its beginning to its end.
private struct NpyLiteralReader {
  let bytes: [UInt8]
  private var position = 0

  /// No header of NumPy has more than three entries.
  private static let entryLimit = 16
  /// NumPy's own limit is 64.
  private static let axisLimit = 64
  private static let textLimit = 64

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func dictionary() throws(VoxtileError) -> [(key: String, value: NpyLiteral)] {
    var entries: [(key: String, value: NpyLiteral)] = []
    try expect("{")
    while !take("}") {
      guard entries.count < Self.entryLimit else { throw fault("at most \(Self.entryLimit) entries") }
      let key = try text()
      try expect(":")
      entries.append((key, try value()))
      if take("}") { break }
      try expect(",")
    }
    skipBlanks()
    guard position == bytes.count else { throw fault("nothing after the dictionary") }
    return entries
  }

  private mutating func value() throws(VoxtileError) -> NpyLiteral {
    if take("(") { return .sizes(try sizes()) }
    if take("[") {
      throw VoxtileError(
        .unsupportedFormat,
        "stores records (a structured dtype), which are not read here; save one of their fields as an array")
    }
    if takeWord("True") { return .flag(true) }
    if takeWord("False") { return .flag(false) }
    return .text(try text())
  }

  /// What follows an opening parenthesis.
  private mutating func sizes() throws(VoxtileError) -> [Int] {
    var sizes: [Int] = []
    var endsInComma = true
    while !take(")") {
      guard sizes.count < Self.axisLimit else { throw fault("at most \(Self.axisLimit) axes") }
      guard endsInComma else { throw fault("a comma") }
      sizes.append(try number())
      endsInComma = take(",")
    }
    // Python takes `(5)` for a number.
    guard sizes.count != 1 || endsInComma else { throw fault("a comma") }
    return sizes
  }

  private mutating func number() throws(VoxtileError) -> Int {
    skipBlanks()
    let digits = bytes[position...].prefix { (0x30...0x39).contains($0) }
    guard !digits.isEmpty, let number = Int(String(decoding: digits, as: UTF8.self)) else {
      throw fault("a whole number that is not negative")
    }
    position += digits.count
    // Python 2 wrote long integers so.
    _ = takeWord("L")
    return number
  }

  private mutating func text() throws(VoxtileError) -> String {
    skipBlanks()
    guard position < bytes.count, [0x22, 0x27].contains(bytes[position]) else { throw fault("a text") }
    let quote = bytes[position]
    let content = bytes[(position + 1)...].prefix { $0 != quote && $0 != 0x5C && (0x20...0x7E).contains($0) }
    let end = position + 1 + content.count
    guard content.count <= Self.textLimit, end < bytes.count, bytes[end] == quote else {
      throw fault("a text of at most \(Self.textLimit) plain characters")
    }
    position = end + 1
    return String(decoding: content, as: UTF8.self)
  }

  private mutating func skipBlanks() {
    while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
  }

  private mutating func take(_ character: String) -> Bool {
    skipBlanks()
    return takeWord(character)
  }

  private mutating func takeWord(_ word: String) -> Bool {
    guard bytes[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  private mutating func expect(_ character: String) throws(VoxtileError) {
    guard take(character) else { throw fault("'\(character)'") }
  }

  private func fault(_ expected: String) -> VoxtileError {
    let found = String(decoding: bytes[position...].prefix(12), as: UTF8.self)
    return .npy(
      "dictionary", expected: "to have \(expected) at byte \(position)",
      found: found.isEmpty ? "the end" : "'\(found)'")
  }
}
