/// Raises a rectangle of rows to the larger of two values; NaN wins over every number, as in numpy.
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
func raiseRows<Scalar: VoxelScalar>(
  _ block: RowBlock, of patch: Span<Scalar>, to target: inout MutableSpan<Scalar>
) {
  for row in 0..<block.rows {
    let values = patch.extracting(block.sourceRange(ofRow: row))
    var line = target._mutatingExtracting(block.targetRange(ofRow: row))
    for index in 0..<line.count {
      let value = values[index]
      let highest = line[index]
      // `value <= highest` is false for a NaN value, which then replaces; a NaN in place stays.
      line[index] = value <= highest || highest != highest ? highest : value
    }
  }
}
