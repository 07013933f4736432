/// The type of one voxel value.
@nonexhaustive
public enum ScalarType: String, CaseIterable, Hashable, Sendable, Codable {
  /// Unsigned integers of 8 bits.
  case uint8
  /// Signed integers of 8 bits.
  case int8
  /// Unsigned integers of 16 bits.
  case uint16
  /// Signed integers of 16 bits.
  case int16
  /// Unsigned integers of 32 bits.
  case uint32
  /// Signed integers of 32 bits.
  case int32
  /// Unsigned integers of 64 bits.
  case uint64
  /// Signed integers of 64 bits.
  case int64
  /// Floating-point numbers of 32 bits.
  case float32
  /// Floating-point numbers of 64 bits.
  case float64

  /// The Swift type of the values.
  public var type: any VoxelScalar.Type { facts.type }

  /// The size of one value in bytes.
  public var byteCount: Int { facts.byteCount }

  /// Whether the values are whole numbers.
  public var isInteger: Bool { facts.isInteger }

  /// The smallest of `float32` and `float64` that holds all values of this type exactly, as far as one of them does.
  package var exactFloatType: ScalarType { self == .float32 || byteCount <= 2 ? .float32 : .float64 }

  /// All that is known of each type: the one table to add a type to. `script/check-kernels` reads it too.
  private var facts: (type: any VoxelScalar.Type, byteCount: Int, isInteger: Bool) {
    switch self {
    case .uint8: (UInt8.self, 1, true)
    case .int8: (Int8.self, 1, true)
    case .uint16: (UInt16.self, 2, true)
    case .int16: (Int16.self, 2, true)
    case .uint32: (UInt32.self, 4, true)
    case .int32: (Int32.self, 4, true)
    case .uint64: (UInt64.self, 8, true)
    case .int64: (Int64.self, 8, true)
    case .float32: (Float.self, 4, false)
    case .float64: (Double.self, 8, false)
    }
  }
}
