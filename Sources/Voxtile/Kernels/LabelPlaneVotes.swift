/// Which label a new voxel gets where several lie around it.
enum LabelVoteRule: Sendable {
  /// That of the largest share; of those with the same share the one of the nearest voxel, else the lowest.
  case nearestOfTied
  /// That of the largest share in thousandths of half precision, of equal ones the lowest, as PyTorch in nnU-Net does it.
  case lowestOfHalves
}

/// The four rows around a new row: in planes z and z + 1, rows y and y + 1 of each.
struct LabelCorners {
  /// Where the rows begin.
  let rows: SIMD4<Int>
  /// How much each counts.
  let weights: SIMD4<Double>
  /// Where the row begins that is nearest.
  let nearest: Int
}

/// Copies the values of some columns.
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
func pick<Scalar: VoxelScalar>(_ row: Span<Scalar>, columns: Span<Tap>, to target: inout MutableSpan<Scalar>)
{
  let count = target.count
  precondition(columns.count == count, "the rows have different lengths")
  for index in 0..<count { target[index] = row[columns[index].indices.x] }
}

/// Gives each voxel of a row the label that has the largest share of the eight voxels around it.
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
func vote<Scalar: VoxelScalar>(
  _ planes: Span<Scalar>, _ corners: LabelCorners, columns: Span<Tap>, nearest: Span<Int>,
  rule: LabelVoteRule,
  to target: inout MutableSpan<Scalar>
) {
  let count = target.count
  precondition(columns.count == count && nearest.count == count, "the rows have different lengths")
  for column in 0..<count {
    let (indices, weights) = (columns[column].indices, columns[column].weights)
    let first = planes[corners.rows.x + indices.x]
    var isSame = true
    for row in 0..<4 {
      isSame =
        isSame && planes[corners.rows[row] + indices.x] == first
        && planes[corners.rows[row] + indices.y] == first
    }
    if isSame {
      target[column] = first
      continue
    }
    var best = (label: first, score: -1.0)
    var nearestScore = 0.0
    let nearestLabel = planes[corners.nearest + nearest[column]]
    for corner in 0..<8 {
      let label = planes[corners.rows[corner >> 1] + indices[corner & 1]]
      // Shares are added in the order of the corners, as SciPy adds them, so that ties are the same ones.
      var score = 0.0
      for other in 0..<8 where planes[corners.rows[other >> 1] + indices[other & 1]] == label {
        score += corners.weights[other >> 1] * weights[other & 1]
      }
      if rule == .lowestOfHalves { score = halfThousandths(score) }
      if label == nearestLabel { nearestScore = score }
      if score > best.score || score == best.score && label < best.label { best = (label, score) }
    }
    target[column] = rule == .nearestOfTied && nearestScore == best.score ? nearestLabel : best.label
  }
}

/// A share in thousandths, rounded as a number of 16 bits has it: to 11 bits.
private func halfThousandths(_ share: Double) -> Double {
  let value = Float(share * 1000)
  let wide = value * 8193
  return Double(wide - (wide - value))
}
