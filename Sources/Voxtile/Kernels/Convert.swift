/// Converts a row of values to Double.
@specialized(where Scalar == UInt8)
@specialized(where Scalar == Int8)
@specialized(where Scalar == UInt16)
@specialized(where Scalar == Int16)
@specialized(where Scalar == UInt32)
@specialized(where Scalar == Int32)
@specialized(where Scalar == UInt64)
@specialized(where Scalar == Int64)
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func readDoubles<Scalar: VoxelScalar>(
  from source: Span<Scalar>, at start: Int, into target: inout MutableSpan<Double>, count: Int
) {
  for index in 0..<count { target[index] = source[start + index].double }
}

/// Writes a row of `slope * value + intercept`, rounded and saturated where the target is an integer.
@specialized(where Scalar == UInt8)
@specialized(where Scalar == Int8)
@specialized(where Scalar == UInt16)
@specialized(where Scalar == Int16)
@specialized(where Scalar == UInt32)
@specialized(where Scalar == Int32)
@specialized(where Scalar == UInt64)
@specialized(where Scalar == Int64)
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func writeDoubles<Scalar: VoxelScalar>(
  _ source: Span<Double>, slope: Double, intercept: Double, into target: inout MutableSpan<Scalar>
) {
  for index in 0..<target.count {
    target[index] = Scalar(nearest: source[index] * slope + intercept)
  }
}
