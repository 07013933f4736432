/// The patches over a rectangle, and how much each of them counts.
struct WeightedCovers<Value: VoxelScalar> {
  /// The rows of each patch.
  let rows: [CoverRows<Value>]
  /// For each patch, the weight of each row.
  let rowWeights: [[Double]]
  /// For each patch, the weight of each column.
  let columnWeights: [[Double]]
  /// Where the patches lie.
  let centers: PatchCenters
  /// Whether the lowest of labels with equal weights wins, and not that of the nearest patch.
  let lowestLabelWinsTies: Bool

  /// The weight of a patch at a voxel of the rectangle.
  @inline(__always)
  func weight(of cover: Int, row: Int, column: Int) -> Double {
    columnWeights[cover][column] * rowWeights[cover][row]
  }
}

/// Where the centers of the patches over a rectangle lie, seen from its first voxel.
struct PatchCenters {
  /// For each patch, twice the vector from the first voxel of the rectangle to its center; doubled, so that all are
  /// whole numbers.
  let doubledOffsets: [Position]
  /// For each patch, its index in the grid.
  let indices: [Int]

  /// Whether one patch has its center nearer to a voxel of the rectangle than another one, or as near and a lower index.
  func isNearer(_ patch: Int, than other: Int, row: Int, column: Int) -> Bool {
    func distance(_ patch: Int) -> Int {
      let offset = doubledOffsets[patch]
      let (x, y) = (offset.x - 2 * column, offset.y - 2 * row)
      return x * x + y * y + offset.z * offset.z
    }
    return (distance(patch), indices[patch]) < (distance(other), indices[other])
  }
}

/// Writes the label with the largest sum of weights at some voxels of a rectangle.
///
/// - Parameters:
///   - covers: the patches, in the order in which weights are added.
///   - block: where the rectangle lies among the labels.
///   - places: the voxels: for each its row in the rectangle, times the length of a row, plus its column.
///   - labels: the labels; those of other voxels stay, and those over which all patches agree.
/// - Complexity: O(patches squared) for each voxel.
@specialized(where Label == UInt8)
@specialized(where Label == Int8)
@specialized(where Label == UInt16)
@specialized(where Label == Int16)
@specialized(where Label == UInt32)
@specialized(where Label == Int32)
@specialized(where Label == UInt64)
@specialized(where Label == Int64)
@specialized(where Label == Float)
@specialized(where Label == Double)
@inline(never)
func countVotes<Label: VoxelScalar>(
  _ covers: WeightedCovers<Label>, _ block: RowBlock, at places: Span<Int32>,
  into labels: inout MutableSpan<Label>
) {
  let count = covers.rows.count
  let everyCover = Array(0..<count)
  var votes = [Label](repeating: 0, count: count)
  var weights = [Double](repeating: 0, count: count)
  for index in 0..<places.count {
    let (row, column) = Int(places[index]).quotientAndRemainder(dividingBy: block.count)
    for cover in 0..<count {
      votes[cover] = covers.rows[cover].value(row: row, column: column)
      weights[cover] = covers.weight(of: cover, row: row, column: column)
    }
    // Only 0 and -0 are equal with other bits; those are no two labels.
    if votes.allSatisfy({ $0 == votes[0] }) { continue }
    labels[block.targetRange(ofRow: row).lowerBound + column] =
      votes[covers.winner(among: votes, weights, from: everyCover, row: row, column: column)]
  }
}

extension WeightedCovers {
  /// The place among some labels of the one with the largest sum of weights at a voxel of the rectangle.
  ///
  /// - Parameters:
  ///   - votes: at least one label.
  ///   - weights: what each of them counts.
  ///   - voters: for each of them, the number of its patch.
  @inline(__always)
  func winner(
    among votes: [Value], _ weights: [Double], from voters: [Int], row: Int, column: Int
  ) -> Int {
    var best = 0
    var most = -1.0
    for candidate in votes.indices {
      let label = votes[candidate]
      // NaN != NaN, so a NaN label counts only its own vote.
      var sum = 0.0
      for other in votes.indices where other == candidate || votes[other] == label {
        sum += weights[other]
      }
      if sum > most {
        (best, most) = (candidate, sum)
      } else if sum == most {
        let wins =
          lowestLabelWinsTies
          ? label < votes[best]
          : centers.isNearer(voters[candidate], than: voters[best], row: row, column: column)
        if wins { best = candidate }
      }
    }
    return best
  }
}
