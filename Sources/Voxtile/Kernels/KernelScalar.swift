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
  /// The difference `self - base`, rounded to a `Double`; `-0.0` where the two are equal, NaN of one infinity from the other.
  @inlinable
  public func difference(from base: Self) -> Double {
    if self == base { return -0.0 }
    return isInfinite && self == -base ? .nan : Double(self) - Double(base)
  }

  /// The value nearest to `self + difference`; infinity stays infinity.
  @inlinable
  public func adding(_ difference: Double) -> Self {
    // The mean of infinity and a number is infinity, though their difference leads nowhere.
    isInfinite && !difference.isNaN ? self : Self(Double(self) + difference)
  }
}
