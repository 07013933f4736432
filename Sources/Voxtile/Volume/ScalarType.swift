/// The type of one voxel value.
public enum ScalarType: String, CaseIterable, Hashable, Sendable, Codable {
  case uint8, int8, uint16, int16, uint32, int32, uint64, int64, float32, float64

  /// The Swift type of the values.
  public var type: any VoxelScalar.Type { facts.type }

  /// The size of one value in bytes.
  public var byteCount: Int { facts.byteCount }

  /// Whether the values are whole numbers.
  public var isInteger: Bool { facts.isInteger }

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
