/// A rectangle of a patch's predictions that is added to sums, each value times a share of its column and one of its row.
package struct WeightedBlock {
  /// The number of rows.
  package let rows: Int
  /// The number of values in a row.
  package let count: Int
  /// Where the first row of values starts, and from one row to the next.
  package let source: Int
  package let sourceStride: Int
  /// Where the shares of the first row's columns start, and from one row to the next.
  package let shareStart: Int
  package let shareStride: Int
  /// From one row of sums to the next.
  package let targetStride: Int

  package init(
    rows: Int, count: Int, source: Int, sourceStride: Int, shareStart: Int, shareStride: Int,
    targetStride: Int
  ) {
    self.rows = rows
    self.count = count
    self.source = source
    self.sourceStride = sourceStride
    self.shareStart = shareStart
    self.shareStride = shareStride
    self.targetStride = targetStride
  }

  /// Some of the columns.
  package func columns(_ columns: Range<Int>) -> WeightedBlock {
    WeightedBlock(
      rows: rows, count: columns.count, source: source + columns.lowerBound, sourceStride: sourceStride,
      shareStart: shareStart + columns.lowerBound, shareStride: shareStride, targetStride: targetStride)
  }

  /// Where a list of rows ends that starts somewhere.
  func end(of start: Int, _ stride: Int) -> Int { start + (rows - 1) * stride + count }
}
