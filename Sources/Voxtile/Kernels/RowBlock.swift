/// A rectangle of rows that a kernel reads in one array and writes in another.
///
/// Kernels work on rectangles rather than rows, so that what is decided at run time (the scalar type)
/// is decided once for many rows.
struct RowBlock {
  /// The number of rows.
  var rows: Int
  /// The number of values in a row.
  var count: Int
  /// Where the first row starts in the source.
  var source: Int
  /// From one row of the source to the next.
  var sourceStride: Int
  /// Where the first row starts in the target.
  var target: Int
  /// From one row of the target to the next.
  var targetStride: Int

  /// The values of one row in the source.
  @inline(__always)
  func sourceRange(ofRow row: Int) -> Range<Int> {
    let start = source + row * sourceStride
    return start..<start + count
  }

  /// The values of one row in the target.
  @inline(__always)
  func targetRange(ofRow row: Int) -> Range<Int> {
    let start = target + row * targetStride
    return start..<start + count
  }
}
