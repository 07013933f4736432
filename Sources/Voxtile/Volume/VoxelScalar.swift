/// A type that a voxel's value can have: the integers of 8 to 64 bits, `Float` and `Double`.
///
/// These ten types conform, and no other one can.
public protocol VoxelScalar: KernelScalar {
  /// The name of the type in files and on the command line.
  static var scalarType: ScalarType { get }

  /// The value nearest to a number: integers are rounded to nearest (ties to even) and
  /// saturated, and an integer made from NaN is 0.
  init(nearest number: Double)

  /// The value as a `Double`, rounded where it is an integer of more than 53 bits.
  var double: Double { get }
}

extension VoxelScalar where Self: FixedWidthInteger {
  /// The integer nearest to a number, ties to even, saturated; 0 where it is NaN.
  @inlinable
  public init(nearest number: Double) {
    if Self.bitWidth <= 32 {
      // Adding 1.5 * 2^52 leaves the rounded number in the low bits, for whole vectors at a time.
      let defined = number == number ? number : 0
      let low = defined < Double(Self.min) ? Double(Self.min) : defined
      let saturated = low > Double(Self.max) ? Double(Self.max) : low
      self.init(truncatingIfNeeded: (saturated + 0x1.8p52).bitPattern)
      return
    }
    let rounded = number.rounded(.toNearestOrEven)
    // `Self.max` may round up to a power of two that does not fit, hence `>=`.
    if rounded >= Double(Self.max) {
      self = .max
    } else if rounded > Double(Self.min) {
      self.init(rounded)
    } else {
      self = number.isNaN ? 0 : .min
    }
  }

  /// The value as a `Double`, rounded where it is an integer of more than 53 bits.
  @inlinable
  public var double: Double { Double(self) }
}

extension VoxelScalar where Self: BinaryFloatingPoint {
  /// The number itself, rounded to the precision of the type.
  @inlinable
  public init(nearest number: Double) { self.init(number) }

  /// The value as a `Double`, rounded where it is an integer of more than 53 bits.
  @inlinable
  public var double: Double { Double(self) }
}

extension UInt8: VoxelScalar {
  /// Proof that the type is one of this package's.
  @_documentation(visibility: internal) public static var seal: PackageSeal { PackageSeal() }
  /// The name of the type in files and on the command line.
  public static var scalarType: ScalarType { .uint8 }
}
extension Int8: VoxelScalar {
  /// Proof that the type is one of this package's.
  @_documentation(visibility: internal) public static var seal: PackageSeal { PackageSeal() }
  /// The name of the type in files and on the command line.
  public static var scalarType: ScalarType { .int8 }
}
extension UInt16: VoxelScalar {
  /// Proof that the type is one of this package's.
  @_documentation(visibility: internal) public static var seal: PackageSeal { PackageSeal() }
  /// The name of the type in files and on the command line.
  public static var scalarType: ScalarType { .uint16 }
}
extension Int16: VoxelScalar {
  /// Proof that the type is one of this package's.
  @_documentation(visibility: internal) public static var seal: PackageSeal { PackageSeal() }
  /// The name of the type in files and on the command line.
  public static var scalarType: ScalarType { .int16 }
}
extension UInt32: VoxelScalar {
  /// Proof that the type is one of this package's.
  @_documentation(visibility: internal) public static var seal: PackageSeal { PackageSeal() }
  /// The name of the type in files and on the command line.
  public static var scalarType: ScalarType { .uint32 }
}
extension Int32: VoxelScalar {
  /// Proof that the type is one of this package's.
  @_documentation(visibility: internal) public static var seal: PackageSeal { PackageSeal() }
  /// The name of the type in files and on the command line.
  public static var scalarType: ScalarType { .int32 }
}
extension UInt64: VoxelScalar {
  /// Proof that the type is one of this package's.
  @_documentation(visibility: internal) public static var seal: PackageSeal { PackageSeal() }
  /// The name of the type in files and on the command line.
  public static var scalarType: ScalarType { .uint64 }
}
extension Int64: VoxelScalar {
  /// Proof that the type is one of this package's.
  @_documentation(visibility: internal) public static var seal: PackageSeal { PackageSeal() }
  /// The name of the type in files and on the command line.
  public static var scalarType: ScalarType { .int64 }
}
extension Float: VoxelScalar {
  /// Proof that the type is one of this package's.
  @_documentation(visibility: internal) public static var seal: PackageSeal { PackageSeal() }
  /// The name of the type in files and on the command line.
  public static var scalarType: ScalarType { .float32 }
}
extension Double: VoxelScalar {
  /// Proof that the type is one of this package's.
  @_documentation(visibility: internal) public static var seal: PackageSeal { PackageSeal() }
  /// The name of the type in files and on the command line.
  public static var scalarType: ScalarType { .float64 }
}
