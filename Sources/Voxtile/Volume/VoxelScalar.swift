/// A type that a voxel's value can have: the integers of 8 to 64 bits, `Float` and `Double`.
///
/// The package conforms these ten types and relies on that; do not conform others.
public protocol VoxelScalar: BitwiseCopyable, Comparable, Numeric, Sendable {
  /// The name of the type in files and on the command line.
  static var scalarType: ScalarType { get }

  /// The value nearest to a number: integers are rounded to nearest (ties to even) and
  /// saturated, and an integer made from NaN is 0.
  init(nearest number: Double)

  /// The value as a `Double`, rounded where it is an integer of more than 53 bits.
  var double: Double { get }

  /// The difference `self - base`: exactly zero (`-0.0`) where the two are equal.
  func difference(from base: Self) -> Double

  /// The value nearest to `self + difference`, with no error where the difference is zero.
  func adding(_ difference: Double) -> Self

  /// The type in which a few values are weighted: `Float` for integers of up to 16 bits, else `Double`.
  associatedtype Weight: BinaryFloatingPoint & BitwiseCopyable & Sendable

  /// The value as a number to be weighted.
  var weighable: Weight { get }

  /// The value nearest to a mean of values of this type, ties to even.
  ///
  /// - Precondition: an integer is not made from NaN, nor from a mean outside the type's range.
  init(mean: Weight)

  /// A type in which up to eight values are added without an error, or as `Double` adds them.
  associatedtype Sum: AdditiveArithmetic

  /// The value as a term of a sum of at most eight.
  var summand: Sum { get }

  /// The mean of `2^exponent` values from their sum, rounded as ``init(nearest:)`` does.
  ///
  /// - Parameters:
  ///   - sum: the sum of `2^exponent` values.
  ///   - exponent: 1, 2 or 3.
  init(meanOf sum: Sum, twoToThe exponent: Int)
}

extension VoxelScalar where Self: FixedWidthInteger {
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

  @inlinable
  public var double: Double { Double(self) }

  @inlinable
  public func difference(from base: Self) -> Double {
    if self == base { return -0.0 }
    // The magnitude always fits the unsigned type, where the signed difference might overflow.
    return self > base
      ? Double(Magnitude(truncatingIfNeeded: self &- base))
      : -Double(Magnitude(truncatingIfNeeded: base &- self))
  }

  @inlinable
  public func adding(_ difference: Double) -> Self {
    let rounded = difference.rounded(.toNearestOrEven)
    guard let step = Magnitude(exactly: rounded.magnitude) else {
      return difference.isNaN ? 0 : difference > 0 ? .max : .min
    }
    // Stepping in two's complement, saturated where the room to the limit is smaller than the step.
    if rounded < 0 {
      let room = Magnitude(truncatingIfNeeded: self &- .min)
      return step > room ? .min : self &- Self(truncatingIfNeeded: step)
    }
    let room = Magnitude(truncatingIfNeeded: .max &- self)
    return step > room ? .max : self &+ Self(truncatingIfNeeded: step)
  }
}

/// Integers of up to 16 bits, whose sums fit a small integer.
extension VoxelScalar where Self: FixedWidthInteger, Sum == Int32 {
  @inlinable
  public var summand: Int32 { Int32(truncatingIfNeeded: self) }

  @inlinable
  public init(meanOf sum: Int32, twoToThe exponent: Int) {
    // A half is added, but for a tie above an even number: one less than a half is.
    let isOdd = (sum >> Int32(truncatingIfNeeded: exponent)) & 1
    let half = (Int32(1) << Int32(truncatingIfNeeded: exponent - 1)) &- 1
    self.init(truncatingIfNeeded: (sum &+ half &+ isOdd) >> Int32(truncatingIfNeeded: exponent))
  }
}

/// All other types, which are added as `Double`.
extension VoxelScalar where Sum == Double {
  @inlinable
  public var summand: Double { double }

  @inlinable
  public init(meanOf sum: Double, twoToThe exponent: Int) {
    self.init(nearest: sum * (exponent == 1 ? 0.5 : exponent == 2 ? 0.25 : 0.125))
  }
}

/// Integers of up to 16 bits, of which a `Float` has eight bits to spare.
extension VoxelScalar where Self: FixedWidthInteger, Weight == Float {
  @inlinable
  public var weighable: Float { Float(self) }

  @inlinable
  public init(mean: Float) {
    // Adding 1.5 * 2^23 leaves the rounded number in the low bits.
    self.init(truncatingIfNeeded: (mean + 0x1.8p23).bitPattern)
  }
}

extension VoxelScalar where Weight == Double {
  @inlinable
  public var weighable: Double { double }

  @inlinable
  public init(mean: Double) { self.init(nearest: mean) }
}

extension VoxelScalar where Self: BinaryFloatingPoint {
  @inlinable
  public init(nearest number: Double) { self.init(number) }

  @inlinable
  public var double: Double { Double(self) }

  @inlinable
  public func difference(from base: Self) -> Double {
    self == base ? -0.0 : Double(self) - Double(base)
  }

  @inlinable
  public func adding(_ difference: Double) -> Self {
    // The mean of infinity and a number is infinity, though their difference leads nowhere.
    isInfinite && !difference.isNaN ? self : Self(Double(self) + difference)
  }
}

extension UInt8: VoxelScalar {
  public typealias Weight = Float
  public typealias Sum = Int32
  public static var scalarType: ScalarType { .uint8 }
}
extension Int8: VoxelScalar {
  public typealias Weight = Float
  public typealias Sum = Int32
  public static var scalarType: ScalarType { .int8 }
}
extension UInt16: VoxelScalar {
  public typealias Weight = Float
  public typealias Sum = Int32
  public static var scalarType: ScalarType { .uint16 }
}
extension Int16: VoxelScalar {
  public typealias Weight = Float
  public typealias Sum = Int32
  public static var scalarType: ScalarType { .int16 }
}
extension UInt32: VoxelScalar {
  public typealias Weight = Double
  public typealias Sum = Double
  public static var scalarType: ScalarType { .uint32 }
}
extension Int32: VoxelScalar {
  public typealias Weight = Double
  public typealias Sum = Double
  public static var scalarType: ScalarType { .int32 }
}
extension UInt64: VoxelScalar {
  public typealias Weight = Double
  public typealias Sum = Double
  public static var scalarType: ScalarType { .uint64 }
}
extension Int64: VoxelScalar {
  public typealias Weight = Double
  public typealias Sum = Double
  public static var scalarType: ScalarType { .int64 }
}
extension Float: VoxelScalar {
  public typealias Weight = Double
  public typealias Sum = Double
  public static var scalarType: ScalarType { .float32 }
}
extension Double: VoxelScalar {
  public typealias Weight = Double
  public typealias Sum = Double
  public static var scalarType: ScalarType { .float64 }
}
