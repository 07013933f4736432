// Means of two, four or eight values over each voxel, which is what most voxels of a grid have. The sum never
// leaves the registers, so a merge costs little more than reading its patches. Values are added in the order of the
// covers, and a division by a power of two is exact: the bits are those of the general kernel.

/// The rows of one patch over a rectangle of the image.
struct CoverRows<Value: VoxelScalar> {
  /// The voxels of the patch.
  let voxels: [Value]
  /// Where the first row starts.
  let offset: Int
  /// From one row to the next.
  let stride: Int

  /// Where a row lies.
  @inline(__always)
  func range(ofRow row: Int, count: Int) -> Range<Int> {
    let start = offset + row * stride
    return start..<start + count
  }

  /// One value.
  @inline(__always)
  func value(row: Int, column: Int) -> Value { voxels[offset + row * stride + column] }
}

/// Writes a rectangle of means, where as many patches lie over it as there is a kernel for.
///
/// - Returns: whether there is such a kernel.
func writePlainMeans<Scalar: VoxelScalar>(
  of covers: [CoverRows<Scalar>], _ block: RowBlock, to target: inout MutableSpan<Scalar>
) -> Bool {
  switch covers.count {
  case 2: writeMeansOfTwo(covers, block, to: &target)
  case 4: writeMeansOfFour(covers, block, to: &target)
  case 8: writeMeansOfEight(covers, block, to: &target)
  default: return false
  }
  return true
}

/// Writes a rectangle of means of two values.
@specialized(where Scalar == UInt8)
@specialized(where Scalar == Int8)
@specialized(where Scalar == UInt16)
@specialized(where Scalar == Int16)
@specialized(where Scalar == UInt32)
@specialized(where Scalar == Int32)
@specialized(where Scalar == Float)
@inline(never)
private func writeMeansOfTwo<Scalar: VoxelScalar>(
  _ covers: [CoverRows<Scalar>], _ block: RowBlock, to target: inout MutableSpan<Scalar>
) {
  let (a, b) = (covers[0], covers[1])
  for row in 0..<block.rows {
    let one = a.voxels.span.extracting(a.range(ofRow: row, count: block.count))
    let two = b.voxels.span.extracting(b.range(ofRow: row, count: block.count))
    var line = target._mutatingExtracting(block.targetRange(ofRow: row))
    for index in 0..<line.count {
      line[index] = Scalar(meanOf: one[index].summand + two[index].summand, twoToThe: 1)
    }
  }
}

/// Writes a rectangle of means of four values.
@specialized(where Scalar == UInt8)
@specialized(where Scalar == Int8)
@specialized(where Scalar == UInt16)
@specialized(where Scalar == Int16)
@specialized(where Scalar == UInt32)
@specialized(where Scalar == Int32)
@specialized(where Scalar == Float)
@inline(never)
private func writeMeansOfFour<Scalar: VoxelScalar>(
  _ covers: [CoverRows<Scalar>], _ block: RowBlock, to target: inout MutableSpan<Scalar>
) {
  let (a, b, c, d) = (covers[0], covers[1], covers[2], covers[3])
  for row in 0..<block.rows {
    let one = a.voxels.span.extracting(a.range(ofRow: row, count: block.count))
    let two = b.voxels.span.extracting(b.range(ofRow: row, count: block.count))
    let three = c.voxels.span.extracting(c.range(ofRow: row, count: block.count))
    let four = d.voxels.span.extracting(d.range(ofRow: row, count: block.count))
    var line = target._mutatingExtracting(block.targetRange(ofRow: row))
    for index in 0..<line.count {
      let sum =
        one[index].summand + two[index].summand + three[index].summand + four[index].summand
      line[index] = Scalar(meanOf: sum, twoToThe: 2)
    }
  }
}

/// Writes a rectangle of means of eight values.
@specialized(where Scalar == UInt8)
@specialized(where Scalar == Int8)
@specialized(where Scalar == UInt16)
@specialized(where Scalar == Int16)
@specialized(where Scalar == UInt32)
@specialized(where Scalar == Int32)
@specialized(where Scalar == Float)
@inline(never)
private func writeMeansOfEight<Scalar: VoxelScalar>(
  _ covers: [CoverRows<Scalar>], _ block: RowBlock, to target: inout MutableSpan<Scalar>
) {
  let (a, b, c, d) = (covers[0], covers[1], covers[2], covers[3])
  let (e, f, g, h) = (covers[4], covers[5], covers[6], covers[7])
  for row in 0..<block.rows {
    let one = a.voxels.span.extracting(a.range(ofRow: row, count: block.count))
    let two = b.voxels.span.extracting(b.range(ofRow: row, count: block.count))
    let three = c.voxels.span.extracting(c.range(ofRow: row, count: block.count))
    let four = d.voxels.span.extracting(d.range(ofRow: row, count: block.count))
    let five = e.voxels.span.extracting(e.range(ofRow: row, count: block.count))
    let six = f.voxels.span.extracting(f.range(ofRow: row, count: block.count))
    let seven = g.voxels.span.extracting(g.range(ofRow: row, count: block.count))
    let eight = h.voxels.span.extracting(h.range(ofRow: row, count: block.count))
    var line = target._mutatingExtracting(block.targetRange(ofRow: row))
    for index in 0..<line.count {
      let sum =
        one[index].summand + two[index].summand + three[index].summand + four[index].summand
        + five[index].summand + six[index].summand + seven[index].summand + eight[index].summand
      line[index] = Scalar(meanOf: sum, twoToThe: 3)
    }
  }
}
