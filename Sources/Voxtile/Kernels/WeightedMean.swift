// The kernels of the weighted mean. All sums are Double: every integer of up to 32 bits and every
// Float is exact there, and so is a sum of equal ones. Sums start at -0.0, the one number to which
// adding x gives x for every x.
//
// Each row is cut out first, with its bounds checked there, so that the loop over it has nothing to check and runs
// on whole vectors. Kernels are never inlined: a generic caller would take in the generic body.

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
@inline(never)
func addRows<Scalar: VoxelScalar>(
  _ block: RowBlock, of patch: Span<Scalar>, to sums: inout MutableSpan<Double>
) {
  for row in 0..<block.rows {
    let values = patch.extracting(block.sourceRange(ofRow: row))
    var line = sums._mutatingExtracting(block.targetRange(ofRow: row))
    for index in 0..<line.count { line[index] += values[index].double }
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
@inline(never)
func addWeightedRows<Scalar: VoxelScalar>(
  _ block: RowBlock, of patch: Span<Scalar>, columns: Span<Double>, rows: Span<Double>,
  to sums: inout MutableSpan<Double>
) {
  let weights = columns.extracting(0..<block.count)
  for row in 0..<block.rows {
    let values = patch.extracting(block.sourceRange(ofRow: row))
    var line = sums._mutatingExtracting(block.targetRange(ofRow: row))
    let weight = rows[row]
    for index in 0..<line.count {
      line[index] += values[index].double * (weights[index] * weight)
    }
  }
}

/// Adds a rectangle of rows to sums of differences from a base, for types that Double cannot hold.
@specialized(where Scalar == UInt64)
@specialized(where Scalar == Int64)
@specialized(where Scalar == Double)
@inline(never)
func addDifferences<Scalar: VoxelScalar>(
  _ block: RowBlock, of patch: Span<Scalar>, columns: Span<Double>, rows: Span<Double>,
  base: Span<Scalar>, to sums: inout MutableSpan<Double>
) {
  let weights = columns.extracting(0..<block.count)
  for row in 0..<block.rows {
    let values = patch.extracting(block.sourceRange(ofRow: row))
    let bases = base.extracting(block.targetRange(ofRow: row))
    var line = sums._mutatingExtracting(block.targetRange(ofRow: row))
    let weight = rows[row]
    for index in 0..<line.count {
      line[index] += values[index].difference(from: bases[index]) * (weights[index] * weight)
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
@inline(never)
func writeMeans<Scalar: VoxelScalar>(
  of sums: Span<Double>, times reciprocals: Span<Double>, and reciprocal: Double,
  to target: inout MutableSpan<Scalar>
) {
  let count = target.count
  precondition(sums.count == count && reciprocals.count == count, "rows are equally long")
  for index in 0..<count {
    target[index] = Scalar(nearest: sums[index] * (reciprocals[index] * reciprocal))
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
@inline(never)
func writeQuotients<Scalar: VoxelScalar>(
  of sums: Span<Double>, by weights: Span<Double>, and weight: Double,
  to target: inout MutableSpan<Scalar>
) {
  let count = target.count
  precondition(sums.count == count && weights.count == count, "rows are equally long")
  for index in 0..<count {
    target[index] = Scalar(nearest: sums[index] / (weights[index] * weight))
  }
}

/// Moves one row of bases by the means of their differences.
@specialized(where Scalar == UInt64)
@specialized(where Scalar == Int64)
@specialized(where Scalar == Double)
@inline(never)
func moveBases<Scalar: VoxelScalar>(
  _ base: inout MutableSpan<Scalar>, by sums: Span<Double>, over weights: Span<Double>,
  and weight: Double
) {
  let count = base.count
  precondition(sums.count == count && weights.count == count, "rows are equally long")
  for index in 0..<count {
    base[index] = base[index].adding(sums[index] / (weights[index] * weight))
  }
}
