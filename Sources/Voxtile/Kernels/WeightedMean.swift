// The kernels of the weighted mean. All sums are Double: every integer of up to 32 bits and every
// Float is exact there, and so is a sum of equal ones. Sums start at -0.0, the one number to which
// adding x gives x for every x.

/// Adds a rectangle of rows to their sums, unweighted.
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
func addRows<Scalar: VoxelScalar>(
  _ block: RowBlock, of patch: Span<Scalar>, to sums: inout MutableSpan<Double>
) {
  for row in 0..<block.rows {
    let source = block.source + row * block.sourceStride
    let target = block.target + row * block.targetStride
    for index in 0..<block.count {
      sums[target + index] += patch[source + index].double
    }
  }
}

/// Adds a rectangle of rows to their sums, each value weighted by its column and its row.
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
func addWeightedRows<Scalar: VoxelScalar>(
  _ block: RowBlock, of patch: Span<Scalar>, columns: Span<Double>, rows: Span<Double>,
  to sums: inout MutableSpan<Double>
) {
  for row in 0..<block.rows {
    let source = block.source + row * block.sourceStride
    let target = block.target + row * block.targetStride
    let weight = rows[row]
    for index in 0..<block.count {
      sums[target + index] += patch[source + index].double * (columns[index] * weight)
    }
  }
}

/// Adds a rectangle of rows to sums of differences from a base, for types that Double cannot hold.
@specialized(where Scalar == UInt64)
@specialized(where Scalar == Int64)
@specialized(where Scalar == Double)
func addDifferences<Scalar: VoxelScalar>(
  _ block: RowBlock, of patch: Span<Scalar>, columns: Span<Double>, rows: Span<Double>,
  base: Span<Scalar>, to sums: inout MutableSpan<Double>
) {
  for row in 0..<block.rows {
    let source = block.source + row * block.sourceStride
    let target = block.target + row * block.targetStride
    let weight = rows[row]
    for index in 0..<block.count {
      let difference = patch[source + index].difference(from: base[target + index])
      sums[target + index] += difference * (columns[index] * weight)
    }
  }
}

/// Writes one row of means: sums times the reciprocals of the weights.
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
func writeMeans<Scalar: VoxelScalar>(
  of sums: Span<Double>, at start: Int, times reciprocals: Span<Double>, and reciprocal: Double,
  to target: inout MutableSpan<Scalar>
) {
  for index in 0..<target.count {
    target[index] = Scalar(nearest: sums[start + index] * (reciprocals[index] * reciprocal))
  }
}

/// Writes one row of means: sums divided by the weights.
///
/// Nine sixths is a tie only where it is divided; times a rounded sixth it is not.
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
func writeQuotients<Scalar: VoxelScalar>(
  of sums: Span<Double>, at start: Int, by weights: Span<Double>, and weight: Double,
  to target: inout MutableSpan<Scalar>
) {
  for index in 0..<target.count {
    target[index] = Scalar(nearest: sums[start + index] / (weights[index] * weight))
  }
}

/// Moves one row of bases by the means of their differences.
@specialized(where Scalar == UInt64)
@specialized(where Scalar == Int64)
@specialized(where Scalar == Double)
func moveBases<Scalar: VoxelScalar>(
  _ base: inout MutableSpan<Scalar>, at start: Int, by sums: Span<Double>, over weights: Span<Double>,
  and weight: Double
) {
  for index in 0..<weights.count {
    base[start + index] = base[start + index].adding(sums[start + index] / (weights[index] * weight))
  }
}
