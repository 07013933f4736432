import Voxtile

/// The element types of MetaImage: the C type that each names has one size on all machines.
enum MetaImageType {
  /// The scalar type of a name, or `nil`. Names of arrays have as many channels as the header says.
  static func scalarType(_ name: String) -> ScalarType? {
    let name = name.hasSuffix("_ARRAY") ? String(name.dropLast(6)) : name
    return switch name {
    case "MET_CHAR": .int8
    case "MET_UCHAR": .uint8
    case "MET_SHORT": .int16
    case "MET_USHORT": .uint16
    // A long has four bytes, as when the format was made.
    case "MET_INT", "MET_LONG": .int32
    case "MET_UINT", "MET_ULONG": .uint32
    case "MET_LONG_LONG": .int64
    case "MET_ULONG_LONG": .uint64
    case "MET_FLOAT": .float32
    case "MET_DOUBLE": .float64
    default: nil
    }
  }

  /// The name under which a scalar type is written.
  static func name(_ type: ScalarType) -> String {
    switch type {
    case .int8: "MET_CHAR"
    case .uint8: "MET_UCHAR"
    case .int16: "MET_SHORT"
    case .uint16: "MET_USHORT"
    case .int32: "MET_INT"
    case .uint32: "MET_UINT"
    case .int64: "MET_LONG_LONG"
    case .uint64: "MET_ULONG_LONG"
    case .float32: "MET_FLOAT"
    case .float64: "MET_DOUBLE"
    }
  }
}
