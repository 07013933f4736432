import Voxtile

/// The type of the values of an array, as they are stored.
enum ZarrDataType: Hashable, Sendable {
  /// One of ours.
  case scalar(ScalarType)
  /// One byte, 0 or 1; read as labels.
  case boolean
  /// Floating point of 16 bits; converted to 32.
  case half

  /// The type in memory.
  var scalarType: ScalarType {
    switch self {
    case .scalar(let type): type
    case .boolean: .uint8
    case .half: .float32
    }
  }

  /// The size of a stored value in bytes.
  var byteCount: Int {
    switch self {
    case .scalar(let type): type.byteCount
    case .boolean: 1
    case .half: 2
    }
  }

  /// The name in Zarr v3.
  var name: String {
    switch self {
    case .scalar(let type): type.rawValue
    case .boolean: "bool"
    case .half: "float16"
    }
  }

  /// The type of a name of Zarr v3, or `nil`.
  init?(name: String) {
    switch name {
    case "bool": self = .boolean
    case "float16": self = .half
    default:
      guard let type = ScalarType(rawValue: name) else { return nil }
      self = .scalar(type)
    }
  }
}

extension ZarrDataType {
  /// The type and byte order of a name of Zarr v2, such as `<i2`, or `nil`.
  static func version2(_ name: String) -> (type: ZarrDataType, byteOrder: ByteOrder)? {
    let characters = Array(name)
    guard characters.count == 3, let size = characters[2].wholeNumberValue,
      let type = type(characters[1], byteCount: size)
    else { return nil }
    switch characters[0] {
    case "<": return (type, .little)
    case ">": return (type, .big)
    // Only a single byte has no order.
    case "|" where size == 1: return (type, .native)
    default: return nil
    }
  }

  private static func type(_ kind: Character, byteCount: Int) -> ZarrDataType? {
    switch (kind, byteCount) {
    case ("b", 1): .boolean
    case ("f", 2): .half
    case ("u", _): ZarrDataType(name: "uint\(byteCount * 8)")
    case ("i", _): ZarrDataType(name: "int\(byteCount * 8)")
    case ("f", _): ZarrDataType(name: "float\(byteCount * 8)")
    default: nil
    }
  }

  /// The name in Zarr v2 of values in little-endian order.
  var version2Name: String {
    switch self {
    case .boolean: return "|b1"
    case .half: return "<f2"
    case .scalar(let type):
      let kind = type.isInteger ? (type.rawValue.hasPrefix("u") ? "u" : "i") : "f"
      return "\(byteCount == 1 ? "|" : "<")\(kind)\(byteCount)"
    }
  }
}
