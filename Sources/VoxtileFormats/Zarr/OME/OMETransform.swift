import Voxtile

/// Where the values of an array lie along its axes: `scale * index + translation`, in the units of the axes.
struct OMETransform: Hashable, Sendable {
  var scale: [Double]
  var translation: [Double]

  /// No transformation: one unit a value.
  init(rank: Int) {
    scale = [Double](repeating: 1, count: rank)
    translation = [Double](repeating: 0, count: rank)
  }

  /// Applies transformations one after another, as `coordinateTransformations` lists them.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where one has no number for each axis, `VoxtileError.Code.unsupportedFormat`
  ///   where it is none of scale, translation and identity.
  mutating func apply(_ value: JSONValue?, path: String) throws(VoxtileError) {
    guard let value, value != .null else { return }
    guard let list = value.values else { throw .zarrField(path, value, expected: "an array") }
    for (index, entry) in list.enumerated() {
      var fields = try ZarrFields(entry, path: "\(path)[\(index)]")
      switch try fields.take("type", "a text", { $0.string }) {
      case "identity": break
      case "scale":
        let factors = try numbers("scale", &fields) { $0 != 0 }
        scale = zip(scale, factors).map { $0 * $1 }
        translation = zip(translation, factors).map { $0 * $1 }
      case "translation":
        translation = zip(translation, try numbers("translation", &fields) { _ in true }).map { $0 + $1 }
      case let other:
        throw .zarrUnsupported(
          fields.name("type"), "\"\(other.prefix(80))\"", known: "identity, scale, translation")
      }
    }
  }

  private func numbers(
    _ key: String, _ fields: inout ZarrFields, _ isAllowed: (Double) -> Bool
  ) throws(VoxtileError) -> [Double] {
    try fields.take(
      key, "\(scale.count) numbers, one for each axis\(key == "scale" ? ", none of them 0" : "")"
    ) { value in
      let numbers = value.values?.compactMap(\.number).filter(isAllowed) ?? []
      return numbers.count == scale.count && value.values?.count == scale.count ? numbers : nil
    }
  }

  /// The transformations in metadata; a translation only where there is one.
  var json: JSONValue {
    func entry(_ type: String, _ numbers: [Double]) -> JSONValue {
      .members(["type": .string(type), type: .array(numbers.map(JSONValue.real))])
    }
    return .array(
      [entry("scale", scale)] + (translation.contains { $0 != 0 } ? [entry("translation", translation)] : []))
  }
}
