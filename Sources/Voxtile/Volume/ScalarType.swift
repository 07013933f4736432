/// The type of one voxel value.
public enum ScalarType: String, CaseIterable, Hashable, Sendable, Codable {
  case uint8, int8, uint16, int16, uint32, int32, uint64, int64, float32, float64

  /// The Swift type of the values.
  public var type: any VoxelScalar.Type {
    switch self {
    case .uint8: UInt8.self
    case .int8: Int8.self
    case .uint16: UInt16.self
    case .int16: Int16.self
    case .uint32: UInt32.self
    case .int32: Int32.self
    case .uint64: UInt64.self
    case .int64: Int64.self
    case .float32: Float.self
    case .float64: Double.self
    }
  }

  /// The size of one value in bytes.
  public var byteCount: Int {
    switch self {
    case .uint8, .int8: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    }
  }

  /// Whether the values are whole numbers.
  public var isInteger: Bool { self != .float32 && self != .float64 }
}
