import Voxtile

/// Reads a small XML document tag by tag, as far as OME-TIFF needs it.
///
/// It is strict and does nothing on its own: a document type, and with it every entity that a document could define, is refused,
/// nothing is fetched, and each character becomes at most itself. Prefixes of names are left out, since OME has one namespace.
struct XMLScanner {
  enum Event: Equatable {
    /// The start of an element, with its attributes.
    case start(String, [String: String])
    /// Its end; that of an empty element follows its start.
    case end(String)
    case text(String)
  }

  private let bytes: [UInt8]
  private var position = 0
  /// The elements that are open, outermost first.
  private var open: [String] = []
  /// Whether the element that has just started is empty.
  private var isEmpty = false

  /// Elements inside each other, and attributes of an element, at most.
  private static let largestDepth = 64

  init(_ text: String) { bytes = Array(text.utf8) }

  /// The next start, end or text; `nil` after the last one.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where the text is not well-formed, or has a document type.
  mutating func next() throws(VoxtileError) -> Event? {
    if isEmpty {
      isEmpty = false
      return .end(open.removeLast())
    }
    while position < bytes.count {
      guard bytes[position] == UInt8(ascii: "<") else { return .text(try text()) }
      if skip("<?") {
        try skipPast("?>")
      } else if skip("<!--") {
        try skipPast("-->")
      } else if skip("<![CDATA[") {
        let start = position
        try skipPast("]]>")
        return .text(String(decoding: bytes[start..<position - 3], as: UTF8.self))
      } else if skip("</") {
        return .end(try endTag())
      } else if skip("<!") {
        throw error("a document type, which is not read")
      } else {
        position += 1
        return try startTag()
      }
    }
    guard open.isEmpty else { throw error("no end of \(open[open.count - 1])") }
    return nil
  }

  private func error(_ what: String) -> VoxtileError {
    VoxtileError(
      .malformedFile,
      "has \(what) in its OME description, at byte \(position); repair or remove the description",
      context: .init(found: what))
  }

  // MARK: Parts

  private mutating func skip(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard bytes.count - position >= count else { return false }
    let isThere = text.withUTF8Buffer { bytes[position..<position + count].elementsEqual($0) }
    if isThere { position += count }
    return isThere
  }

  private mutating func skipPast(_ text: StaticString) throws(VoxtileError) {
    while position < bytes.count {
      if skip(text) { return }
      position += 1
    }
    throw error("no \(text)")
  }

  private mutating func skipBlanks() {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
  }

  private mutating func text() throws(VoxtileError) -> String {
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "<") { position += 1 }
    return try replaced(bytes[start..<position])
  }

  /// A name without its prefix.
  private mutating func name() throws(VoxtileError) -> String {
    let start = position
    let ends: [UInt8] = Array(" \t\n\r=/><\"'&".utf8)
    while position < bytes.count, !ends.contains(bytes[position]) { position += 1 }
    guard position > start, position - start <= 256 else { throw error("no name where one belongs") }
    let name = bytes[start..<position]
    return String(
      decoding: name.lastIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name, as: UTF8.self)
  }

  private mutating func endTag() throws(VoxtileError) -> String {
    let name = try name()
    skipBlanks()
    guard skip(">"), open.last == name else { throw error("an end of \(name) that has no start") }
    return open.removeLast()
  }

  private mutating func startTag() throws(VoxtileError) -> Event {
    let name = try name()
    var attributes: [String: String] = [:]
    while true {
      skipBlanks()
      if skip("/>") {
        isEmpty = true
        break
      }
      if skip(">") { break }
      guard attributes.count < Self.largestDepth else { throw error("too many attributes") }
      let key = try self.name()
      skipBlanks()
      guard skip("=") else { throw error("an attribute \(key) without a value") }
      skipBlanks()
      attributes[key] = try quoted()
    }
    guard open.count < Self.largestDepth else { throw error("elements that are nested too deeply") }
    open.append(name)
    return .start(name, attributes)
  }

  private mutating func quoted() throws(VoxtileError) -> String {
    guard position < bytes.count,
      bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "'")
    else { throw error("a value without quotes") }
    let quote = bytes[position]
    let start = position + 1
    guard let end = bytes[start...].firstIndex(of: quote) else { throw error("a value without an end") }
    position = end + 1
    return try replaced(bytes[start..<end])
  }

  /// Text with the five entities of XML, and characters by their numbers, replaced; any other entity is refused.
  private func replaced(_ text: ArraySlice<UInt8>) throws(VoxtileError) -> String {
    guard text.contains(UInt8(ascii: "&")) else { return String(decoding: text, as: UTF8.self) }
    var result: [UInt8] = []
    var rest = text
    while let ampersand = rest.firstIndex(of: UInt8(ascii: "&")) {
      result += rest[..<ampersand]
      let entity = rest[(ampersand + 1)...].prefix(12)
      guard let end = entity.firstIndex(of: UInt8(ascii: ";")),
        let character = Self.character(String(decoding: entity[..<end], as: UTF8.self))
      else { throw error("an entity that XML does not define") }
      result += String(character).utf8
      rest = rest[(end + 1)...]
    }
    return String(decoding: result + rest, as: UTF8.self)
  }

  private static func character(_ entity: String) -> Character? {
    switch entity {
    case "amp": return "&"
    case "lt": return "<"
    case "gt": return ">"
    case "quot": return "\""
    case "apos": return "'"
    default:
      guard entity.hasPrefix("#") else { return nil }
      let number =
        entity.hasPrefix("#x") ? UInt32(entity.dropFirst(2), radix: 16) : UInt32(entity.dropFirst())
      return number.flatMap(Unicode.Scalar.init).map { Character($0) }
    }
  }
}
