import Voxtile
import VoxtileFormats

/// Takes the values of known fields, and notes the first one that is not of the kind it should be.
struct ManifestFields {
  /// The most bytes of a name, which are those of most file systems.
  static let maxNameBytes = 255
  /// The most bytes of any other text.
  static let maxTextBytes = 4096

  /// The first field that is not as it should be.
  private(set) var problem: VoxtileError?

  /// Takes a value of one kind. A value of another one, and one for which `read` returns `nil`, is noted; `null`
  /// counts as a missing field.
  mutating func take<Value>(
    _ kind: JSONReader.Kind, _ expected: @autoclosure () -> String, _ name: () -> String,
    from json: inout JSONReader, to field: inout Value?, _ read: (inout JSONReader) throws -> Value?
  ) throws {
    let found = try json.kind()
    if found == .null { return try json.skip() }
    guard found == kind else {
      note(.badManifest(name(), found.title, expected: expected()))
      return try json.skip()
    }
    guard field == nil else {
      note(.badManifest(name(), "two values", expected: "there once"))
      return try json.skip()
    }
    field = try read(&json)
    if field == nil {
      note(.badManifest(name(), "a \(found.title) that is out of range", expected: expected()))
    }
  }

  mutating func note(_ error: VoxtileError?) { problem = problem ?? error }

  mutating func text(
    _ name: @autoclosure () -> String, from json: inout JSONReader, to field: inout String?,
    atMost bytes: Int = Self.maxTextBytes
  ) throws {
    try take(.string, "a text of at most \(bytes) bytes", name, from: &json, to: &field) {
      try $0.string(atMost: bytes)
    }
  }

  mutating func integer(
    _ name: @autoclosure () -> String, from json: inout JSONReader, to field: inout Int?
  ) throws {
    try take(.number, "a whole number", name, from: &json, to: &field) { try $0.integer() }
  }

  mutating func boolean(
    _ name: @autoclosure () -> String, from json: inout JSONReader, to field: inout Bool?
  ) throws {
    try take(.boolean, "true or false", name, from: &json, to: &field) { try $0.boolean() }
  }

  mutating func integers(
    _ name: @autoclosure () -> String, from json: inout JSONReader, to field: inout [Int]?
  ) throws {
    try list(.number, "a list of whole numbers", name(), from: &json, to: &field) { try $0.integer() }
  }

  mutating func numbers(
    _ name: @autoclosure () -> String, from json: inout JSONReader, to field: inout [Double]?
  ) throws {
    try list(.number, "a list of numbers", name(), from: &json, to: &field) { try $0.number() }
  }

  mutating func texts(
    _ name: @autoclosure () -> String, from json: inout JSONReader, to field: inout [String]?,
    atMost most: Int = 4
  ) throws {
    try list(.string, "a list of texts", name(), from: &json, to: &field, atMost: most) {
      try $0.string(atMost: Self.maxNameBytes)
    }
  }

  /// Takes a list whose elements are all of one kind.
  mutating func list<Value>(
    _ kind: JSONReader.Kind, _ expected: String, _ name: @autoclosure () -> String,
    from json: inout JSONReader,
    to field: inout [Value]?, atMost most: Int = 4, _ read: (inout JSONReader) throws -> Value?
  ) throws {
    try take(.array, "\(expected), at most \(most)", name, from: &json, to: &field) { json in
      var values: [Value] = []
      var isWhole = true
      try json.array { json, index in
        guard index < most, try json.kind() == kind else {
          isWhole = false
          return try json.skip()
        }
        if let value = try read(&json) { values.append(value) } else { isWhole = false }
      }
      return isWhole ? values : nil
    }
  }

  /// Takes an object, whose fields a body takes.
  mutating func object<Value>(
    _ name: @autoclosure () -> String, from json: inout JSONReader, to field: inout Value?, empty: Value,
    _ body: (inout ManifestFields, inout JSONReader, String, inout Value) throws -> Void
  ) throws {
    var inner = ManifestFields()
    try take(.object, "an object", name, from: &json, to: &field) { json in
      var value = empty
      try json.object { json, key in try body(&inner, &json, key, &value) }
      return value
    }
    note(inner.problem)
  }

  mutating func scaling(
    _ name: @autoclosure () -> String, from json: inout JSONReader, to field: inout VolumeInfo.Scaling?
  ) throws {
    var found: (slope: Double?, intercept: Double?)?
    let path = name()
    try object(path, from: &json, to: &found, empty: (nil, nil)) { fields, json, key, found in
      switch key {
      case "slope":
        try fields.take(.number, "a number", { "\(path).slope" }, from: &json, to: &found.slope) {
          try $0.number()
        }
      case "intercept":
        try fields.take(.number, "a number", { "\(path).intercept" }, from: &json, to: &found.intercept) {
          try $0.number()
        }
      default: try json.skip()
      }
    }
    guard let found else { return }
    guard let slope = found.slope, let intercept = found.intercept else {
      return note(.badManifest(path, "not both of slope and intercept", expected: "both"))
    }
    field = VolumeInfo.Scaling(slope: slope, intercept: intercept)
  }
}

extension JSONReader.Kind {
  fileprivate var title: String {
    switch self {
    case .object: "object"
    case .array: "list"
    case .string: "text"
    case .number: "number"
    case .boolean: "true or false"
    case .null: "null"
    }
  }
}

extension VoxtileError {
  /// A field whose value cannot be.
  static func badManifest(_ field: String, _ found: String, expected: String) -> VoxtileError {
    VoxtileError(
      .malformedFile, "has \(field) = \(found); it should be \(expected)",
      context: .init(expected: expected, found: found))
  }

  /// A field that is not there.
  static func missingInManifest(_ field: String) -> VoxtileError {
    VoxtileError(.malformedFile, "is not a Voxtile manifest: '\(field)' is missing")
  }
}
