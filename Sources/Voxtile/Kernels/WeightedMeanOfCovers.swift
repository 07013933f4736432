// Weighted means of two, four or eight patches over a rectangle, which is what most voxels of a grid have. The weights
// are shares, which add up to one over each voxel, so that nothing is divided, and sums never leave the registers.
//
// The share of a patch is a product: of a share of its row, the same for all columns, and of one of its column, the same
// for all rows. Patches over the same columns are therefore added first.

/// The shares that the patches over a rectangle have in its means.
struct CoverShares<Weight> {
  /// How many patches lie over the same columns.
  let perColumn: Int
  /// For each row, the share of each patch over the same columns.
  let rows: [Weight]
  /// For each patch along x, the share of each column; they add up to one over each.
  let columns: [[Weight]]
}

/// Writes a rectangle of weighted means, where as many patches lie over it as there is a kernel for.
///
/// - Parameters:
///   - covers: the patches, those along x one after another, for each place along y and z.
///   - shares: their shares.
///   - block: where the rectangle lies in the target.
///   - target: the means.
/// - Returns: whether there is such a kernel.
func writeWeightedMeans<Scalar: VoxelScalar>(
  of covers: [CoverRows<Scalar>], _ shares: CoverShares<Scalar.Weight>, _ block: RowBlock,
  to target: inout MutableSpan<Scalar>
) -> Bool {
  switch (shares.columns.count, shares.perColumn) {
  case (1, 2): writeMeansOfTwoStacked(covers, shares, block, to: &target)
  case (1, 4): writeMeansOfFourStacked(covers, shares, block, to: &target)
  case (2, 1): writeMeansOfTwoBeside(covers, shares, block, to: &target)
  case (2, 2): writeMeansOfFourBeside(covers, shares, block, to: &target)
  case (2, 4): writeMeansOfEightBeside(covers, shares, block, to: &target)
  default: return false
  }
  return true
}

/// Writes a rectangle of weighted means of two patches, that lie over the same columns.
@specialized(where Scalar == UInt8)
@specialized(where Scalar == Int8)
@specialized(where Scalar == UInt16)
@specialized(where Scalar == Int16)
@specialized(where Scalar == UInt32)
@specialized(where Scalar == Int32)
@specialized(where Scalar == Float)
@inline(never)
private func writeMeansOfTwoStacked<Scalar: VoxelScalar>(
  _ covers: [CoverRows<Scalar>], _ shares: CoverShares<Scalar.Weight>, _ block: RowBlock,
  to target: inout MutableSpan<Scalar>
) {
  let (a, b) = (covers[0], covers[1])
  for row in 0..<block.rows {
    let one = a.voxels.span.extracting(a.range(ofRow: row, count: block.count))
    let two = b.voxels.span.extracting(b.range(ofRow: row, count: block.count))
    let (p, q) = (shares.rows[2 * row], shares.rows[2 * row + 1])
    var line = target._mutatingExtracting(block.targetRange(ofRow: row))
    for index in 0..<line.count {
      let mean = one[index].weighable * p + two[index].weighable * q
      line[index] = Scalar(mean: mean)
    }
  }
}

/// Writes a rectangle of weighted means of four patches, that lie over the same columns.
@specialized(where Scalar == UInt8)
@specialized(where Scalar == Int8)
@specialized(where Scalar == UInt16)
@specialized(where Scalar == Int16)
@specialized(where Scalar == UInt32)
@specialized(where Scalar == Int32)
@specialized(where Scalar == Float)
@inline(never)
private func writeMeansOfFourStacked<Scalar: VoxelScalar>(
  _ covers: [CoverRows<Scalar>], _ shares: CoverShares<Scalar.Weight>, _ block: RowBlock,
  to target: inout MutableSpan<Scalar>
) {
  let (a, b, c, d) = (covers[0], covers[1], covers[2], covers[3])
  for row in 0..<block.rows {
    let one = a.voxels.span.extracting(a.range(ofRow: row, count: block.count))
    let two = b.voxels.span.extracting(b.range(ofRow: row, count: block.count))
    let three = c.voxels.span.extracting(c.range(ofRow: row, count: block.count))
    let four = d.voxels.span.extracting(d.range(ofRow: row, count: block.count))
    let (p, q) = (shares.rows[4 * row], shares.rows[4 * row + 1])
    let (r, s) = (shares.rows[4 * row + 2], shares.rows[4 * row + 3])
    var line = target._mutatingExtracting(block.targetRange(ofRow: row))
    for index in 0..<line.count {
      let mean =
        one[index].weighable * p + two[index].weighable * q
        + three[index].weighable * r + four[index].weighable * s
      line[index] = Scalar(mean: mean)
    }
  }
}

/// Writes a rectangle of weighted means of two patches, side by side.
@specialized(where Scalar == UInt8)
@specialized(where Scalar == Int8)
@specialized(where Scalar == UInt16)
@specialized(where Scalar == Int16)
@specialized(where Scalar == UInt32)
@specialized(where Scalar == Int32)
@specialized(where Scalar == Float)
@inline(never)
private func writeMeansOfTwoBeside<Scalar: VoxelScalar>(
  _ covers: [CoverRows<Scalar>], _ shares: CoverShares<Scalar.Weight>, _ block: RowBlock,
  to target: inout MutableSpan<Scalar>
) {
  let (a, b) = (covers[0], covers[1])
  let (leftShares, rightShares) = (shares.columns[0], shares.columns[1])
  let left = leftShares.span.extracting(0..<block.count)
  let right = rightShares.span.extracting(0..<block.count)
  for row in 0..<block.rows {
    let one = a.voxels.span.extracting(a.range(ofRow: row, count: block.count))
    let two = b.voxels.span.extracting(b.range(ofRow: row, count: block.count))
    var line = target._mutatingExtracting(block.targetRange(ofRow: row))
    for index in 0..<line.count {
      let mean = one[index].weighable * left[index] + two[index].weighable * right[index]
      line[index] = Scalar(mean: mean)
    }
  }
}

/// Writes a rectangle of weighted means of four patches, two beside two.
@specialized(where Scalar == UInt8)
@specialized(where Scalar == Int8)
@specialized(where Scalar == UInt16)
@specialized(where Scalar == Int16)
@specialized(where Scalar == UInt32)
@specialized(where Scalar == Int32)
@specialized(where Scalar == Float)
@inline(never)
private func writeMeansOfFourBeside<Scalar: VoxelScalar>(
  _ covers: [CoverRows<Scalar>], _ shares: CoverShares<Scalar.Weight>, _ block: RowBlock,
  to target: inout MutableSpan<Scalar>
) {
  let (a, b, c, d) = (covers[0], covers[1], covers[2], covers[3])
  let (leftShares, rightShares) = (shares.columns[0], shares.columns[1])
  let left = leftShares.span.extracting(0..<block.count)
  let right = rightShares.span.extracting(0..<block.count)
  for row in 0..<block.rows {
    let one = a.voxels.span.extracting(a.range(ofRow: row, count: block.count))
    let two = b.voxels.span.extracting(b.range(ofRow: row, count: block.count))
    let three = c.voxels.span.extracting(c.range(ofRow: row, count: block.count))
    let four = d.voxels.span.extracting(d.range(ofRow: row, count: block.count))
    let (p, q) = (shares.rows[2 * row], shares.rows[2 * row + 1])
    var line = target._mutatingExtracting(block.targetRange(ofRow: row))
    for index in 0..<line.count {
      let first = one[index].weighable * p + three[index].weighable * q
      let second = two[index].weighable * p + four[index].weighable * q
      line[index] = Scalar(mean: first * left[index] + second * right[index])
    }
  }
}

/// Writes a rectangle of weighted means of eight patches, four beside four.
@specialized(where Scalar == UInt8)
@specialized(where Scalar == Int8)
@specialized(where Scalar == UInt16)
@specialized(where Scalar == Int16)
@specialized(where Scalar == UInt32)
@specialized(where Scalar == Int32)
@specialized(where Scalar == Float)
@inline(never)
private func writeMeansOfEightBeside<Scalar: VoxelScalar>(
  _ covers: [CoverRows<Scalar>], _ shares: CoverShares<Scalar.Weight>, _ block: RowBlock,
  to target: inout MutableSpan<Scalar>
) {
  let (a, b, c, d) = (covers[0], covers[1], covers[2], covers[3])
  let (e, f, g, h) = (covers[4], covers[5], covers[6], covers[7])
  let (leftShares, rightShares) = (shares.columns[0], shares.columns[1])
  let left = leftShares.span.extracting(0..<block.count)
  let right = rightShares.span.extracting(0..<block.count)
  for row in 0..<block.rows {
    let one = a.voxels.span.extracting(a.range(ofRow: row, count: block.count))
    let two = b.voxels.span.extracting(b.range(ofRow: row, count: block.count))
    let three = c.voxels.span.extracting(c.range(ofRow: row, count: block.count))
    let four = d.voxels.span.extracting(d.range(ofRow: row, count: block.count))
    let five = e.voxels.span.extracting(e.range(ofRow: row, count: block.count))
    let six = f.voxels.span.extracting(f.range(ofRow: row, count: block.count))
    let seven = g.voxels.span.extracting(g.range(ofRow: row, count: block.count))
    let eight = h.voxels.span.extracting(h.range(ofRow: row, count: block.count))
    let (p, q) = (shares.rows[4 * row], shares.rows[4 * row + 1])
    let (r, s) = (shares.rows[4 * row + 2], shares.rows[4 * row + 3])
    var line = target._mutatingExtracting(block.targetRange(ofRow: row))
    for index in 0..<line.count {
      let first =
        one[index].weighable * p + three[index].weighable * q
        + five[index].weighable * r + seven[index].weighable * s
      let second =
        two[index].weighable * p + four[index].weighable * q
        + six[index].weighable * r + eight[index].weighable * s
      line[index] = Scalar(mean: first * left[index] + second * right[index])
    }
  }
}
