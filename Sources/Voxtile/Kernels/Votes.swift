/// The patches over a rectangle, and how much their votes count there.
struct Voters<Label: VoxelScalar> {
  /// The rows of each patch.
  let rows: [CoverRows<Label>]
  /// For each patch, the weight of each row.
  let rowWeights: [[Double]]
  /// For each patch, the weight of each column.
  let columnWeights: [[Double]]
}

/// Writes the label with the largest sum of weights where a voxel of a rectangle is marked; the lowest one of equals.
///
/// - Parameters:
///   - voters: the patches, in the order in which weights are added.
///   - block: where the rectangle lies among marks and labels.
///   - marks: not 0 where patches do not agree.
///   - labels: the labels; those that are not marked stay.
/// - Complexity: O(patches squared) for each marked voxel.
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
  _ voters: Voters<Label>, _ block: RowBlock, where marks: Span<UInt8>,
  into labels: inout MutableSpan<Label>
) {
  let count = voters.rows.count
  var votes = [Label](repeating: 0, count: count)
  var weights = [Double](repeating: 0, count: count)
  for row in 0..<block.rows {
    let marked = marks.extracting(block.targetRange(ofRow: row))
    var line = labels._mutatingExtracting(block.targetRange(ofRow: row))
    for column in 0..<block.count where marked[column] != 0 {
      for voter in 0..<count {
        votes[voter] = voters.rows[voter].value(row: row, column: column)
        weights[voter] = voters.columnWeights[voter][column] * voters.rowWeights[voter][row]
      }
      line[column] = winner(of: votes, weights)
    }
  }
}

/// The label with the largest sum of weights; the lowest one of equals.
@inline(__always)
private func winner<Label: VoxelScalar>(of votes: [Label], _ weights: [Double]) -> Label {
  var best = votes[0]
  var most = -1.0
  for candidate in votes.indices {
    let label = votes[candidate]
    // NaN != NaN, so a NaN label counts only its own vote.
    var sum = 0.0
    for other in votes.indices where other == candidate || votes[other] == label {
      sum += weights[other]
    }
    if sum > most || (sum == most && label < best) { (best, most) = (label, sum) }
  }
  return best
}
