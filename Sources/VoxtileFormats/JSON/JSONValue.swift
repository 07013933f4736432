import Voxtile

/// A JSON value in memory. Objects keep the order of their members, and numbers their digits, so that a value is written as it
/// was read.
enum JSONValue: Hashable, Sendable {
  case object([Member])
  case array([JSONValue])
  case string(String)
  /// The number as it is written, such as `1e-3`.
  case number(String)
  case boolean(Bool)
  case null

  /// One value of an object, with its name.
  struct Member: Hashable, Sendable {
    var key: String
    var value: JSONValue
  }

  /// The most values of a document, those within others included.
  static let maxValues = 200_000

  /// An object of the members that have a value, in the order given.
  static func members(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
    .object(members.compactMap { key, value in value.map { Member(key: key, value: $0) } })
  }

  /// A whole number.
  static func integer(_ value: Int) -> JSONValue { .number("\(value)") }

  /// A number.
  ///
  /// - Precondition: it is finite, since JSON has no other numbers.
  static func real(_ value: Double) -> JSONValue {
    precondition(value.isFinite, "JSON has no number for \(value)")
    return .number("\(value)")
  }
}

// MARK: - Parts

extension JSONValue {
  /// The value of a key of an object; `nil` for any other kind, and where there is none.
  subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The value of a key, which is taken out of the object.
  mutating func remove(_ key: String) -> JSONValue? {
    guard case .object(var members) = self, let index = members.firstIndex(where: { $0.key == key }) else {
      return nil
    }
    let value = members.remove(at: index).value
    self = .object(members)
    return value
  }

  /// The members of an object; none for any other kind.
  var members: [Member] {
    if case .object(let members) = self { members } else { [] }
  }

  /// The values of an array, or `nil`.
  var values: [JSONValue]? {
    if case .array(let values) = self { values } else { nil }
  }

  /// The text, or `nil`.
  var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The whole number, also where it is written as `1.0`; `nil` where it is none, or does not fit.
  var integer: Int? {
    guard case .number(let text) = self else { return nil }
    if let value = Int(text) { return value }
    guard let number = Double(text), number.magnitude < 0x1p53 else { return nil }
    return Int(exactly: number)
  }

  /// The number; `nil` where it is none, or too large.
  var number: Double? {
    guard case .number(let text) = self, let value = Double(text), value.isFinite else { return nil }
    return value
  }

  /// What kind of value it is, and which, in a few words for a message.
  var summary: String {
    switch self {
    case .object: "an object"
    case .array(let values): "an array of \(values.count)"
    case .string(let text): "\"\(text.prefix(40))\""
    case .number(let text): String(text.prefix(40))
    case .boolean(let value): "\(value)"
    case .null: "null"
    }
  }
}

// MARK: - Reading

extension JSONValue {
  /// Reads a document.
  ///
  /// - Parameters:
  ///   - bytes: the document, in UTF-8.
  ///   - what: what it should be, for messages.
  ///   - skipped: keys of the outermost object whose values are not kept.
  /// - Throws: `VoxtileError.Code.malformedFile` where it is no valid JSON, a key is there twice, or it has more than
  ///   ``maxValues``.
  init(_ bytes: [UInt8], of what: String, skipping skipped: Set<String> = []) throws(VoxtileError) {
    do {
      var json = try JSONReader(bytes, of: what)
      var left = Self.maxValues
      self = try Self.value(&json, skipping: skipped, left: &left)
      try json.finish()
    } catch let error as VoxtileError {
      throw error
    } catch {
      throw VoxtileError(.malformedFile, "is not \(what)", underlying: error)
    }
  }

  private static func value(
    _ json: inout JSONReader, skipping skipped: Set<String>, left: inout Int
  ) throws -> JSONValue {
    left -= 1
    guard left >= 0 else { throw json.failure("more than \(maxValues) values") }
    switch try json.kind() {
    case .object:
      var members: [Member] = []
      var keys: Set<String> = []
      try json.object { json, key in
        if skipped.contains(key) { return try json.skip() }
        guard keys.insert(key).inserted else {
          throw json.failure("the key \"\(key.prefix(40))\" is there twice")
        }
        members.append(Member(key: key, value: try value(&json, skipping: [], left: &left)))
      }
      return .object(members)
    case .array:
      var values: [JSONValue] = []
      try json.array { json, _ in values.append(try value(&json, skipping: [], left: &left)) }
      return .array(values)
    case .string:
      guard let text = try json.string(atMost: .max) else { throw json.failure("a text that is too long") }
      return .string(text)
    case .number: return .number(try json.literal())
    case .boolean: return .boolean(try json.boolean())
    case .null:
      try json.skip()
      return .null
    }
  }
}
