/// The length of a vector, for the library itself: the C library gave this function a new version in glibc 2.35, which systems with
/// 2.34 could not load. Nothing outside sees it (`exported.map`).
@c(hypotf)
public func lengthOfVector(_ x: Float, _ y: Float) -> Float {
  if x.isInfinite || y.isInfinite { return .infinity }
  // Squares of 32-bit floats neither overflow nor vanish in 64 bits.
  return Float((Double(x) * Double(x) + Double(y) * Double(y)).squareRoot())
}
