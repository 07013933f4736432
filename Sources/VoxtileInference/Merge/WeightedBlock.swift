import Voxtile

/// A rectangle of a patch's values that is added to sums, each value times a share of its column and one of its row.
struct WeightedBlock {
  /// The number of rows.
  var rows: Int
  /// The number of values in a row.
  var count: Int
  /// Where the first row of values starts, and from one row to the next.
  var source: Int
  var sourceStride: Int
  /// Where the shares of the first row's columns start, and from one row to the next.
  var shareStart: Int
  var shareStride: Int
  /// From one row of sums to the next.
  var targetStride: Int
}

/// Adds weighted values to their sums.
func addWeighted(
  _ block: WeightedBlock, of values: Span<Float>, columns: Span<Float>, rows: Span<Float>,
  to sums: inout MutableSpan<Float>
) {
  addWeighted(
    PredictionRows(
      rows: block.rows, count: block.count, valueStride: block.sourceStride,
      weightStride: block.shareStride, sumStride: block.targetStride),
    of: values.extracting(block.source..<values.count),
    columns: columns.extracting(block.shareStart..<columns.count), rows: rows, to: &sums)
}

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
