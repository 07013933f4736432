/// Marks the values of a rectangle of rows that differ from those in place.
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
func markDifferences<Scalar: VoxelScalar>(
  _ block: RowBlock, of patch: Span<Scalar>, from values: Span<Scalar>,
  in marks: inout MutableSpan<UInt8>
) {
  for row in 0..<block.rows {
    let candidates = patch.extracting(block.sourceRange(ofRow: row))
    let line = values.extracting(block.targetRange(ofRow: row))
    var marked = marks._mutatingExtracting(block.targetRange(ofRow: row))
    for index in 0..<marked.count {
      marked[index] |= candidates[index] == line[index] ? 0 : 1
    }
  }
}
