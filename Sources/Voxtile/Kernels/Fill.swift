/// Sets a run of values to one value.
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
func fill<Scalar: VoxelScalar>(
  _ range: Range<Int>, of target: inout MutableSpan<Scalar>, with value: Scalar
) {
  var run = target._mutatingExtracting(range)
  for index in 0..<run.count { run[index] = value }
}

/// Sets a run of values to values picked from a row of the source, or to a constant.
///
/// - Parameters:
///   - picks: for each value of the run its column, or a negative number for the constant.
///   - row: the columns from `first` on.
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
func pick<Scalar: VoxelScalar>(
  _ picks: ArraySlice<Int>, from row: Span<Scalar>, startingAt first: Int, or constant: Scalar,
  into target: inout MutableSpan<Scalar>, at start: Int
) {
  var index = start
  for place in picks {
    target[index] = place < 0 ? constant : row[place - first]
    index += 1
  }
}
