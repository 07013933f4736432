import Voxtile

/// Reads JSON (RFC 8259, in UTF-8) value by value, and keeps nothing that its caller does not ask for.
///
/// A manifest of 100,000 patches has some 27 MB. This reader goes through it once, with a buffer of fixed size. It is strict:
/// what it accepts, every JSON reader accepts.
package struct JSONReader {
  /// The kinds of values, which the first byte of a value tells apart.
  package enum Kind: Sendable {
    case object, array, string, number, boolean, null
  }

  /// Objects and arrays within each other. A manifest has 4.
  package static let maxLevels = 128

  /// What the bytes should be, for messages.
  private let what: String
  private let fill: (UnsafeMutableRawBufferPointer) throws -> Int
  private var buffer: [UInt8]
  private var next = 0
  private var end = 0
  private var bytesBefore = 0
  private var levels = 0
  /// The bytes of the text or number that is being read.
  var scratch: [UInt8] = []

  /// Starts to read.
  ///
  /// - Parameters:
  ///   - bufferBytes: the bytes that are read at a time.
  ///   - what: what the bytes should be, such as `a Voxtile manifest`.
  ///   - fill: fills a buffer with the next bytes, and returns how many there are; 0 at the end.
  package init(
    bufferBytes: Int = 1 << 18, of what: String = "a JSON document",
    fill: @escaping (UnsafeMutableRawBufferPointer) throws -> Int
  ) throws {
    self.what = what
    self.fill = fill
    buffer = [UInt8](repeating: 0, count: bufferBytes)
    try refill()
    // A byte order mark, as some editors write it.
    if end >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { next = 3 }
  }

  /// Starts to read bytes in memory.
  package init(_ bytes: [UInt8], of what: String = "a JSON document") throws {
    var start = 0
    try self.init(bufferBytes: max(3, min(bytes.count, 1 << 18)), of: what) { target in
      let count = min(target.count, bytes.count - start)
      target.copyBytes(from: bytes[start..<start + count])
      start += count
      return count
    }
  }
}

// MARK: - Bytes

extension JSONReader {
  private mutating func refill() throws {
    bytesBefore += end
    end = try buffer.withUnsafeMutableBytes { try fill($0) }
    next = 0
  }

  /// The next byte, which stays; `nil` at the end.
  @inline(__always)
  mutating func peek() throws -> UInt8? {
    if next == end {
      try refill()
      if end == 0 { return nil }
    }
    return buffer[next]
  }

  /// Takes the byte that ``peek()`` has returned.
  @inline(__always)
  mutating func take() { next += 1 }

  /// Takes the next byte; `nil` at the end.
  @inline(__always)
  mutating func takeByte() throws -> UInt8? {
    let byte = try peek()
    if byte != nil { take() }
    return byte
  }

  private mutating func skipSpace() throws {
    while let byte = try peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { take() }
  }

  /// Takes white space and the next byte if it is the one asked for.
  private mutating func takes(_ wanted: UInt8) throws -> Bool {
    try skipSpace()
    guard try peek() == wanted else { return false }
    take()
    return true
  }

  private mutating func require(_ wanted: UInt8, _ what: String) throws {
    guard try takes(wanted) else { throw failure("\(what) is missing") }
  }

  /// An error at the place that has been reached.
  package func failure(_ what: String) -> VoxtileError {
    VoxtileError(
      .malformedFile, "is not \(self.what): no valid JSON at byte \(bytesBefore + next) (\(what))",
      context: .init(byteOffset: bytesBefore + next))
  }
}

// MARK: - Values

extension JSONReader {
  /// The kind of the value that comes next.
  package mutating func kind() throws -> Kind {
    try skipSpace()
    guard let byte = try peek() else { throw failure("it ends too early") }
    switch byte {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    default: throw failure("a value is missing")
    }
  }

  /// Reads an object. The body takes the value of each key, in the order of the file.
  package mutating func object(_ body: (inout JSONReader, _ key: String) throws -> Void) throws {
    try require(UInt8(ascii: "{"), "{")
    try enter()
    if try !takes(UInt8(ascii: "}")) {
      repeat {
        try skipSpace()
        // A key that is longer than any that is known is an unknown one, whatever follows.
        let key = try string(atMost: 256) ?? ""
        try require(UInt8(ascii: ":"), "a colon")
        try body(&self, key)
      } while try takes(UInt8(ascii: ","))
      try require(UInt8(ascii: "}"), "a comma or }")
    }
    levels -= 1
  }

  /// Reads an array. The body takes each value.
  package mutating func array(_ body: (inout JSONReader, _ index: Int) throws -> Void) throws {
    try require(UInt8(ascii: "["), "[")
    try enter()
    if try !takes(UInt8(ascii: "]")) {
      var index = 0
      repeat {
        try body(&self, index)
        index += 1
      } while try takes(UInt8(ascii: ","))
      try require(UInt8(ascii: "]"), "a comma or ]")
    }
    levels -= 1
  }

  /// Reads `true` or `false`.
  package mutating func boolean() throws -> Bool {
    let value = try peek() == UInt8(ascii: "t")
    try word(value ? "true" : "false")
    return value
  }

  /// Reads a value of any kind, and forgets it.
  package mutating func skip() throws {
    switch try kind() {
    case .object: try object { json, _ in try json.skip() }
    case .array: try array { json, _ in try json.skip() }
    case .string: _ = try string(atMost: 0)
    case .number: try numberText()
    case .boolean: _ = try boolean()
    case .null: try word("null")
    }
  }

  /// Makes sure that nothing follows.
  package mutating func finish() throws {
    try skipSpace()
    if try peek() != nil { throw failure("something follows its end") }
  }

  private mutating func word(_ word: String) throws {
    for byte in word.utf8 where try takeByte() != byte { throw failure("\(word) is expected") }
  }

  private mutating func enter() throws {
    levels += 1
    if levels > Self.maxLevels { throw failure("more than \(Self.maxLevels) levels") }
  }
}
