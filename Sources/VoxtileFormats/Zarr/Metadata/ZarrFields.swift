import Voxtile

/// The fields of an object of metadata, taken one by one; what is wrong with one is an error that names it.
struct ZarrFields {
  /// Where the object stands, such as `codecs[0].configuration`; empty for a whole document.
  let path: String
  private let object: JSONValue
  private var taken: Set<String> = []

  /// - Throws: `VoxtileError.Code.malformedFile` where the value is no object.
  init(_ value: JSONValue, path: String = "") throws(VoxtileError) {
    guard case .object = value else {
      throw .zarrField(path.isEmpty ? "the document" : path, value, expected: "an object")
    }
    object = value
    self.path = path
  }

  /// The name of a field with where it stands.
  func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The value of a field that may be missing.
  mutating func optional(_ key: String) -> JSONValue? {
    taken.insert(key)
    return object[key]
  }

  /// The value of a field that must be there.
  mutating func value(_ key: String, _ expected: String) throws(VoxtileError) -> JSONValue {
    guard let value = optional(key) else { throw .zarrField(name(key), nil, expected: expected) }
    return value
  }

  /// A field that is converted; `nil` means that the value is not as expected.
  mutating func take<Value>(
    _ key: String, _ expected: String, _ convert: (JSONValue) -> Value?
  ) throws(VoxtileError) -> Value {
    let value = try value(key, expected)
    guard let result = convert(value) else { throw .zarrField(name(key), value, expected: expected) }
    return result
  }

  /// The sizes of axes, one for each.
  ///
  /// - Parameters:
  ///   - rank: how many there must be; `nil` where this is what tells.
  ///   - range: the sizes that are allowed.
  mutating func sizes(_ key: String, rank: Int?, in range: ClosedRange<Int>) throws(VoxtileError) -> [Int] {
    let least = range.lowerBound
    let sizes = try take(key, "an array of whole numbers, each at least \(least)") { value -> [Int]? in
      guard let values = value.values else { return nil }
      let sizes = values.compactMap(\.integer).filter(range.contains)
      return sizes.count == values.count ? sizes : nil
    }
    if let rank, sizes.count != rank {
      throw .zarrField(
        name(key), .array(sizes.map(JSONValue.integer)), expected: "\(rank) sizes, one for each axis")
    }
    return sizes
  }

  /// Makes sure that no field is left that has to be understood: only one that says `"must_understand": false` may be.
  mutating func finish(ignoring ignored: Set<String> = []) throws(VoxtileError) {
    for member in object.members where !taken.contains(member.key) && !ignored.contains(member.key) {
      guard member.value["must_understand"] == .boolean(false) else {
        throw VoxtileError(
          .unsupportedFormat,
          "has the field \(name(member.key)), which is not known here and may change what the voxels are; save it without "
            + "that field",
          context: .init(found: name(member.key)))
      }
    }
  }
}

extension VoxtileError {
  /// A field of metadata that is missing or not as it should be.
  static func zarrField(_ name: String, _ found: JSONValue?, expected: String) -> VoxtileError {
    VoxtileError(
      .malformedFile,
      found.map { "has \($0.summary) in the field \(name), which should be \(expected)" }
        ?? "has no field \(name), which should be \(expected)",
      context: .init(expected: expected, found: found?.summary ?? "nothing"))
  }

  /// A field of metadata that says something that is not read here.
  static func zarrUnsupported(_ name: String, _ found: String, known: String) -> VoxtileError {
    VoxtileError(
      .unsupportedFormat, "has \(found) in the field \(name), which is not read here; these are: \(known)",
      context: .init(expected: known, found: found))
  }
}
