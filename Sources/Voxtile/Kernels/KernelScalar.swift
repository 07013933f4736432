// What the kernels need of a scalar. It has to be public, because `VoxelScalar` is, but it is no part of the interface:
// documentation and symbol graphs leave it out.

/// What the kernels need of a type whose values are merged.
@_documentation(visibility: internal)
public protocol KernelScalar: BitwiseCopyable, Comparable, Numeric, Sendable {
  /// Proof that the type is one of this package's.
  static var seal: PackageSeal { get }

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

  /// The mean of `2^exponent` values from their sum, rounded as ``VoxelScalar/init(nearest:)`` does.
  ///
  /// - Parameters:
  ///   - sum: the sum of `2^exponent` values.
  ///   - exponent: 1, 2 or 3.
  init(meanOf sum: Sum, twoToThe exponent: Int)
}

/// What only this package can make, so that only its types can conform to the protocols that ask for one.
@_documentation(visibility: internal)
public struct PackageSeal: Sendable {
  package init() {}
}

@_documentation(visibility: internal)
extension KernelScalar where Self: FixedWidthInteger {
  /// The difference `self - base`, rounded to a `Double`; `-0.0` where the two are equal.
  @inlinable
  public func difference(from base: Self) -> Double {
    if self == base { return -0.0 }
    // The magnitude always fits the unsigned type, where the signed difference might overflow.
    return self > base
      ? Double(Magnitude(truncatingIfNeeded: self &- base))
      : -Double(Magnitude(truncatingIfNeeded: base &- self))
  }

  /// The value nearest to `self + difference`, ties of the difference to even, saturated; 0 where it is NaN.
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

@_documentation(visibility: internal)
extension KernelScalar where Self: BinaryFloatingPoint {
  /// The difference `self - base`, rounded to a `Double`; `-0.0` where the two are equal.
  @inlinable
  public func difference(from base: Self) -> Double {
    self == base ? -0.0 : Double(self) - Double(base)
  }

  /// The value nearest to `self + difference`; infinity stays infinity.
  @inlinable
  public func adding(_ difference: Double) -> Self {
    // The mean of infinity and a number is infinity, though their difference leads nowhere.
    isInfinite && !difference.isNaN ? self : Self(Double(self) + difference)
  }
}

/// Integers of up to 16 bits, whose sums fit a small integer.
@_documentation(visibility: internal)
extension KernelScalar where Self: FixedWidthInteger, Sum == Int32 {
  /// The value as a term of a sum of at most eight.
  @inlinable
  public var summand: Int32 { Int32(truncatingIfNeeded: self) }

  /// The mean of `2^exponent` values from their sum, rounded to nearest, ties to even.
  @inlinable
  public init(meanOf sum: Int32, twoToThe exponent: Int) {
    // A half is added, but for a tie above an even number: one less than a half is.
    let isOdd = (sum >> Int32(truncatingIfNeeded: exponent)) & 1
    let half = (Int32(1) << Int32(truncatingIfNeeded: exponent - 1)) &- 1
    self.init(truncatingIfNeeded: (sum &+ half &+ isOdd) >> Int32(truncatingIfNeeded: exponent))
  }
}

/// All other types, which are added as `Double`.
@_documentation(visibility: internal)
extension VoxelScalar where Sum == Double {
  /// The value as a term of a sum of at most eight.
  @inlinable
  public var summand: Double { double }

  /// The mean of `2^exponent` values from their sum, rounded to nearest, ties to even.
  @inlinable
  public init(meanOf sum: Double, twoToThe exponent: Int) {
    self.init(nearest: sum * (exponent == 1 ? 0.5 : exponent == 2 ? 0.25 : 0.125))
  }
}

/// Integers of up to 16 bits, of which a `Float` has eight bits to spare.
@_documentation(visibility: internal)
extension KernelScalar where Self: FixedWidthInteger, Weight == Float {
  /// The value as a number to be weighted.
  @inlinable
  public var weighable: Float { Float(self) }

  /// The value nearest to a mean, ties to even.
  @inlinable
  public init(mean: Float) {
    // Adding 1.5 * 2^23 leaves the rounded number in the low bits.
    self.init(truncatingIfNeeded: (mean + 0x1.8p23).bitPattern)
  }
}

@_documentation(visibility: internal)
extension VoxelScalar where Weight == Double {
  /// The value as a number to be weighted.
  @inlinable
  public var weighable: Double { double }

  /// The value nearest to a mean, ties to even.
  @inlinable
  public init(mean: Double) { self.init(nearest: mean) }
}
