import Voxtile

/// How one number of a NumPy array is stored, apart from its byte order.
enum NpyType: Hashable, Sendable {
  /// Truth values, a byte each, which are read as labels 0 and 1.
  case bool
  /// Floating-point numbers of 16 bits, which are read as `float32`.
  case half
  /// Any type that is read as it is.
  case plain(ScalarType)

  /// The type of the values as they lie in the file; those of 16-bit floating-point numbers are their bits.
  var stored: ScalarType {
    switch self {
    case .bool: .uint8
    case .half: .uint16
    case .plain(let type): type
    }
  }

  /// The type of the values as they are read.
  var scalarType: ScalarType { self == .half ? .float32 : stored }

  /// The name that NumPy gives it.
  var name: String {
    switch self {
    case .bool: "bool"
    case .half: "float16"
    case .plain(let type): type.rawValue
    }
  }
}

extension NpyType {
  /// Decodes a `descr`, such as `<f4`: byte order, kind and size in bytes.
  ///
  /// - Throws: `VoxtileError.Code.unsupportedFormat` for types that no scalar type can hold,
  ///   `VoxtileError.Code.malformedFile` for what is no type.
  static func decode(_ descr: String) throws(VoxtileError) -> (type: NpyType, byteOrder: ByteOrder) {
    var text = descr[...]
    var order: ByteOrder? = .native
    switch text.first {
    case "<": order = .little
    case ">": order = .big
    case "|": order = nil
    case "=": break
    default: throw .npy("descr", expected: "a type such as '<f4'", found: "'\(descr)'")
    }
    text = text.dropFirst()
    if let what = refused(text) {
      throw VoxtileError(
        .unsupportedFormat,
        "stores \(what) ('\(descr)'), which is not read here; convert it with astype first",
        context: .init(found: descr))
    }
    guard let type = types[String(text)] else {
      throw .npy("descr", expected: "a type such as '<f4'", found: "'\(descr)'")
    }
    guard order != nil || type.stored.byteCount == 1 else {
      throw .npy("descr", expected: "a byte order, < or >", found: "'\(descr)'")
    }
    return (type, order ?? .native)
  }

  /// The `descr` of a type in a byte order.
  static func descr(_ type: NpyType, _ byteOrder: ByteOrder) -> String {
    let text = types.first { $0.value == type }?.key ?? ""
    return (type.stored.byteCount == 1 ? "|" : byteOrder == .little ? "<" : ">") + text
  }

  private static let types: [String: NpyType] = [
    "b1": .bool, "f2": .half, "u1": .plain(.uint8), "i1": .plain(.int8), "u2": .plain(.uint16),
    "i2": .plain(.int16), "u4": .plain(.uint32), "i4": .plain(.int32), "u8": .plain(.uint64),
    "i8": .plain(.int64), "f4": .plain(.float32), "f8": .plain(.float64),
  ]

  /// What a kind stores that is not read.
  private static func refused(_ text: Substring) -> String? {
    if ["f12", "f16"].contains(text) { return "long doubles" }
    return switch text.first {
    case "c": "complex numbers"
    case "O": "Python objects"
    case "S", "a": "bytes"
    case "U": "text"
    case "V": "raw data"
    case "M", "m": "dates or times"
    default: nil
    }
  }
}
