internal import CVoxtileKernels

/// Adds `value * (share of the column * share of the row)` to each sum of a rectangle.
///
/// - Parameter sets: whether sums are set as if they had been 0.
/// - Returns: whether all values are finite.
/// - Precondition: all rows lie inside of their memory.
package func addWeighted(
  _ block: WeightedBlock, of values: Span<Float>, columns: Span<Float>, rows: Span<Float>,
  setting sets: Bool = false,
  to sums: inout MutableSpan<Float>, instructions: KernelInstructions = .best
) -> Bool {
  guard block.rows > 0, block.count > 0 else { return true }
  precondition(
    block.end(of: block.source, block.sourceStride) <= values.count && rows.count >= block.rows
      && block.end(of: block.shareStart, block.shareStride) <= columns.count
      && block.end(of: 0, block.targetStride) <= sums.count, "the rows lie in values, shares and sums")
  return values.withUnsafeBufferPointer { values in
    columns.withUnsafeBufferPointer { columns in
      rows.withUnsafeBufferPointer { rows in
        sums.withUnsafeMutableBufferPointer { sums in
          var kernel = voxtile_weighted_rows(
            values: values.baseAddress.map { $0 + block.source },
            column_weights: columns.baseAddress.map { $0 + block.shareStart }, row_weights: rows.baseAddress,
            sums: sums.baseAddress, rows: block.rows, columns: block.count,
            value_stride: block.sourceStride, column_weight_stride: block.shareStride,
            sum_stride: block.targetStride, sets: sets)
          return voxtile_add_weighted(instructions.value, &kernel)
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
