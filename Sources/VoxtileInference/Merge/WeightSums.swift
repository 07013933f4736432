import Voxtile

/// Adds weights to their sums.
func addWeights(
  _ block: WeightedBlock, columns: Span<Float>, rows: Span<Float>, to sums: inout MutableSpan<Float>
) {
  for row in 0..<block.rows {
    let share = block.shareStart + row * block.shareStride
    let target = row * block.targetStride
    let weights = columns.extracting(share..<share + block.count)
    var total = sums._mutatingExtracting(target..<target + block.count)
    let factor = rows[row]
    for index in 0..<total.count { total[index] += weights[index] * factor }
  }
}
