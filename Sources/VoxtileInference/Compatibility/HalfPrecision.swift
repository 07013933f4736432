/// The nearest number of IEEE 754 half precision, the even one of two; infinite where half precision has none that is as large.
///
/// `Float16` is not there on every platform.
@inline(__always)
func roundedToHalf(_ value: Float) -> Float {
  // Ten bits come after the first, and below 2^-14 numbers are as far apart as the smallest. Beside a number that is 2^13 times as
  // large, `Float` has just those left.
  let exponent = max(value.bitPattern & 0x7F80_0000, 113 << 23)
  let large = Float(bitPattern: exponent &+ 13 << 23)
  let rounded = (value.magnitude + large) - large
  let result = rounded > 65504 ? Float.infinity : rounded
  return value.sign == .minus ? -result : result
}

/// The nearest number of half precision, of a value that was not rounded to single precision before.
@inline(__always)
func roundedToHalf(_ value: Double) -> Float {
  let exponent = max(value.bitPattern & 0x7FF0_0000_0000_0000, 1009 << 52)
  let large = Double(bitPattern: exponent &+ 42 << 52)
  let rounded = (value.magnitude + large) - large
  let result = rounded > 65504 ? Float.infinity : Float(rounded)
  return value.sign == .minus ? -result : result
}
