extension Volume {
  /// The number of values in a box of the volume, all channels, that are NaN.
  ///
  /// - Precondition: the box is inside the volume.
  /// - Complexity: O(values of the box); O(1) for integers, which have no NaN.
  package func countNaN(in region: Region) -> Int {
    if Scalar.scalarType.isInteger { return 0 }
    var count = 0
    forEachRows(in: region) { rows, voxels in count += Voxtile.countNaN(rows, of: voxels) }
    return count
  }
}

/// The number of values in a rectangle of rows that are NaN.
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
private func countNaN<Scalar: VoxelScalar>(_ block: RowBlock, of values: Span<Scalar>) -> Int {
  var total = 0
  for row in 0..<block.rows {
    let line = values.extracting(block.sourceRange(ofRow: row))
    // This form is vectorized: a loop over the range that counts the NaNs is not.
    var (count, index): (Int32, Int) = (0, 0)
    while index < line.count {
      let value = line[index]
      count &+= value == value ? 1 : 0
      index &+= 1
    }
    total += line.count - Int(count)
  }
  return total
}
