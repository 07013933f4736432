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
@inline(never)
func readDoubles<Scalar: VoxelScalar>(from source: Span<Scalar>, into target: inout MutableSpan<Double>) {
  let count = target.count
  precondition(source.count == count, "the rows have different lengths")
  for index in 0..<count { target[index] = source[index].double }
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
@inline(never)
func writeDoubles<Scalar: VoxelScalar>(
  _ source: Span<Double>, slope: Double, intercept: Double, into target: inout MutableSpan<Scalar>
) {
  let count = target.count
  precondition(source.count == count, "the rows have different lengths")
  for index in 0..<count {
    target[index] = Scalar(nearest: source[index] * slope + intercept)
  }
}
