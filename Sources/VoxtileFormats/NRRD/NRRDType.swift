import Voxtile

/// The types of NRRD, each of which has many names.
enum NRRDType {
  /// The scalar type of a name, or `nil`.
  static func scalarType(_ name: String) -> ScalarType? { types[name.lowercased()] }

  /// The name under which a scalar type is written: that of the first one of its names.
  static func name(_ type: ScalarType) -> String {
    names.first { $0.type == type }?.names.first ?? type.rawValue
  }

  private static let types: [String: ScalarType] = Dictionary(
    uniqueKeysWithValues: names.flatMap { type, names in names.map { ($0, type) } })

  private static let names: [(type: ScalarType, names: [String])] = [
    (.int8, ["signed char", "int8", "int8_t"]),
    (.uint8, ["unsigned char", "uchar", "uint8", "uint8_t"]),
    (.int16, ["short", "short int", "signed short", "signed short int", "int16", "int16_t"]),
    (.uint16, ["unsigned short", "ushort", "unsigned short int", "uint16", "uint16_t"]),
    (.int32, ["int", "signed int", "int32", "int32_t"]),
    (.uint32, ["unsigned int", "uint", "uint32", "uint32_t"]),
    (
      .int64,
      [
        "long long int", "longlong", "long long", "signed long long", "signed long long int", "int64",
        "int64_t",
      ]
    ),
    (
      .uint64,
      ["unsigned long long int", "ulonglong", "unsigned long long", "uint64", "uint64_t"]
    ),
    (.float32, ["float"]),
    (.float64, ["double"]),
  ]
}
