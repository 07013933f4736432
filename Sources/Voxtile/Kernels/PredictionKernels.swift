internal import CVoxtileKernels

/// How far apart the rows of a rectangle of predictions lie, each in memory of its own.
package struct PredictionRows {
  /// The number of rows.
  let rows: Int
  /// The number of values in a row.
  let count: Int
  /// From one row of values to the next.
  let valueStride: Int
  /// From one row of column weights to the next.
  let weightStride: Int
  /// From one row of sums to the next.
  let sumStride: Int

  package init(rows: Int, count: Int, valueStride: Int, weightStride: Int, sumStride: Int) {
    self.rows = rows
    self.count = count
    self.valueStride = valueStride
    self.weightStride = weightStride
    self.sumStride = sumStride
  }

  /// The number of values from the first one of the first row to the last one of the last row.
  fileprivate func span(_ stride: Int) -> Int { (rows - 1) * stride + count }
}

/// Adds `value * (column weight * row weight)` to each sum of a rectangle.
///
/// - Precondition: all rows lie inside of their memory.
package func addWeighted(
  _ rectangle: PredictionRows, of values: Span<Float>, columns: Span<Float>, rows: Span<Float>,
  to sums: inout MutableSpan<Float>, instructions: KernelInstructions = .best
) {
  guard rectangle.rows > 0, rectangle.count > 0 else { return }
  precondition(
    rectangle.span(rectangle.valueStride) <= values.count && rows.count >= rectangle.rows
      && rectangle.span(rectangle.weightStride) <= columns.count
      && rectangle.span(rectangle.sumStride) <= sums.count, "the rows lie in values, weights and sums")
  values.withUnsafeBufferPointer { values in
    columns.withUnsafeBufferPointer { columns in
      rows.withUnsafeBufferPointer { rows in
        sums.withUnsafeMutableBufferPointer { sums in
          var kernel = voxtile_weighted_rows(
            values: values.baseAddress, column_weights: columns.baseAddress, row_weights: rows.baseAddress,
            sums: sums.baseAddress, rows: rectangle.rows, columns: rectangle.count,
            value_stride: rectangle.valueStride, column_weight_stride: rectangle.weightStride,
            sum_stride: rectangle.sumStride)
          voxtile_add_weighted(instructions.value, &kernel)
        }
      }
    }
  }
}

/// Takes values that are larger than the best ones so far, and their number. NaN is never larger.
///
/// - Precondition: there are as many of each.
package func takeLarger(
  _ values: Span<Float>, number: Int32, best: inout MutableSpan<Float>, numbers: inout MutableSpan<Int32>,
  instructions: KernelInstructions = .best
) {
  precondition(
    best.count == values.count && numbers.count == values.count, "the rows have different lengths")
  values.withUnsafeBufferPointer { values in
    best.withUnsafeMutableBufferPointer { best in
      numbers.withUnsafeMutableBufferPointer { numbers in
        voxtile_take_larger(
          instructions.value, values.baseAddress, number, values.count, best.baseAddress,
          numbers.baseAddress)
      }
    }
  }
}
