/// Voxels of one row that follow each other and have the same label.
package struct LabelRun: Hashable, Sendable {
  /// The first column.
  package var lower: UInt32
  /// The column after the last one.
  package var upper: UInt32
  /// The label of all of them.
  package var value: Int

  /// The columns.
  package var x: Range<Int> { Int(lower)..<Int(upper) }
}

extension LabelRun {
  /// The runs of a row of labels, in ascending order.
  ///
  /// - Parameters:
  ///   - row: the labels, less than 2^32 of them.
  ///   - includesZero: whether voxels of 0 make runs too.
  ///   - runs: gets the runs, after those that it has.
  /// - Throws: ``VoxtileError/Code-swift.struct/typeMismatch`` where a value is not a whole number, or too large for one.
  /// - Complexity: O(values of the row).
  static func append<Scalar: VoxelScalar>(
    ofRow row: Span<Scalar>, includesZero: Bool, to runs: inout [LabelRun]
  ) throws(VoxtileError) {
    guard let fault = appendRuns(ofRow: row, includesZero: includesZero, to: &runs) else { return }
    throw VoxtileError(
      .typeMismatch, "\(row[fault].double) is not a label; labels are whole numbers of at most 2^53",
      context: .init(expected: "a whole number", found: "\(row[fault].double)"))
  }
}

/// Appends the runs of a row.
///
/// - Returns: the first column whose value is no label; `nil` where all are.
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
private func appendRuns<Scalar: VoxelScalar>(
  ofRow row: Span<Scalar>, includesZero: Bool, to runs: inout [LabelRun]
) -> Int? {
  let count = row.count
  var start = 0
  while start < count {
    let value = row[start]
    var end = start + 1
    // NaN equals nothing, and ends as a run of one value that is no label.
    while end < count, row[end] == value { end += 1 }
    if value != 0 || includesZero {
      guard let label = label(of: value) else { return start }
      runs.append(LabelRun(lower: UInt32(start), upper: UInt32(end), value: label))
    }
    start = end
  }
  return nil
}

/// The label that a value is; `nil` where it is not a whole number, or one that a `Double` does not hold exactly.
@inline(__always)
func label<Scalar: VoxelScalar>(of value: Scalar) -> Int? {
  let number = value.double
  // False for NaN.
  guard number.magnitude <= 0x1p53 else { return nil }
  return Int(exactly: number)
}
