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

/// The rows of one patch over a rectangle, and how much each of them counts.
struct WeightedRows<Value: VoxelScalar> {
  /// The rows.
  let rows: CoverRows<Value>
  /// The weight of each row.
  let weights: [Double]
}

/// Adds rectangles of rows to their sums, each value weighted by its row and its column.
///
/// The rectangles are those of patches that lie over the same columns. They are taken four, two or one at a time, so that
/// the column's weight and the sum in memory are touched once for all of them.
func addWeightedRows<Scalar: VoxelScalar>(
  _ covers: ArraySlice<WeightedRows<Scalar>>, columns: Span<Double>, to sums: inout MutableSpan<Double>
) {
  var rest = covers
  while rest.count >= 4 {
    addFourWeightedRows(Array(rest.prefix(4)), columns: columns, to: &sums)
    rest = rest.dropFirst(4)
  }
  if rest.count >= 2 {
    addTwoWeightedRows(Array(rest.prefix(2)), columns: columns, to: &sums)
    rest = rest.dropFirst(2)
  }
  if let last = rest.first { addOneWeightedRow(last, columns: columns, to: &sums) }
}

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
private func addOneWeightedRow<Scalar: VoxelScalar>(
  _ cover: WeightedRows<Scalar>, columns: Span<Double>, to sums: inout MutableSpan<Double>
) {
  let count = columns.count
  for row in 0..<cover.weights.count {
    let values = cover.rows.voxels.span.extracting(cover.rows.range(ofRow: row, count: count))
    let weight = cover.weights[row]
    var line = sums._mutatingExtracting(row * count..<row * count + count)
    for index in 0..<line.count { line[index] += values[index].double * weight * columns[index] }
  }
}

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
private func addTwoWeightedRows<Scalar: VoxelScalar>(
  _ covers: [WeightedRows<Scalar>], columns: Span<Double>, to sums: inout MutableSpan<Double>
) {
  let (a, b) = (covers[0], covers[1])
  let count = columns.count
  for row in 0..<a.weights.count {
    let one = a.rows.voxels.span.extracting(a.rows.range(ofRow: row, count: count))
    let two = b.rows.voxels.span.extracting(b.rows.range(ofRow: row, count: count))
    let (weightOne, weightTwo) = (a.weights[row], b.weights[row])
    var line = sums._mutatingExtracting(row * count..<row * count + count)
    for index in 0..<line.count {
      let sum = one[index].double * weightOne + two[index].double * weightTwo
      line[index] += sum * columns[index]
    }
  }
}

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
private func addFourWeightedRows<Scalar: VoxelScalar>(
  _ covers: [WeightedRows<Scalar>], columns: Span<Double>, to sums: inout MutableSpan<Double>
) {
  let (a, b, c, d) = (covers[0], covers[1], covers[2], covers[3])
  let count = columns.count
  for row in 0..<a.weights.count {
    let one = a.rows.voxels.span.extracting(a.rows.range(ofRow: row, count: count))
    let two = b.rows.voxels.span.extracting(b.rows.range(ofRow: row, count: count))
    let three = c.rows.voxels.span.extracting(c.rows.range(ofRow: row, count: count))
    let four = d.rows.voxels.span.extracting(d.rows.range(ofRow: row, count: count))
    let (weightOne, weightTwo) = (a.weights[row], b.weights[row])
    let (weightThree, weightFour) = (c.weights[row], d.weights[row])
    var line = sums._mutatingExtracting(row * count..<row * count + count)
    for index in 0..<line.count {
      let sum =
        one[index].double * weightOne + two[index].double * weightTwo
        + three[index].double * weightThree + four[index].double * weightFour
      line[index] += sum * columns[index]
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
  precondition(sums.count == count && reciprocals.count == count, "the rows have different lengths")
  for index in 0..<count {
    target[index] = Scalar(nearest: sums[index] * (reciprocals[index] * reciprocal))
  }
}

/// Writes one row of means: sums divided by the weights.
///
/// Only a quotient is sure to be a tie where the mean is half-way between two integers: 25 / 50 is 0.5, but
/// 25 * (1/5 * 1/10) is more.
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
  precondition(sums.count == count && weights.count == count, "the rows have different lengths")
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
  precondition(sums.count == count && weights.count == count, "the rows have different lengths")
  for index in 0..<count {
    base[index] = base[index].adding(sums[index] / (weights[index] * weight))
  }
}
