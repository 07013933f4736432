internal import CVoxtileKernels

/// A weighted mean of two rows of planes, or the first one alone.
///
/// - Parameters:
///   - values: what holds both rows.
///   - starts: where each row begins.
///   - weights: how much they count; `nil` for the first one alone.
func widenMean(
  of values: Span<Float>, starts: (Int, Int), weights: (Double, Double)?,
  to target: inout MutableSpan<Double>, instructions: KernelInstructions
) {
  let (count, first, second) = (target.count, starts.0, starts.1)
  mean(
    VOXTILE_WIDENED, values.extracting(first..<first + count), values.extracting(second..<second + count),
    weights, &target, instructions)
}

/// The same of rows of doubles, which stay.
func mean(
  of first: Span<Double>, _ second: Span<Double>, weights: (Double, Double)?,
  to target: inout MutableSpan<Double>, instructions: KernelInstructions
) {
  mean(VOXTILE_WIDE, first, second, weights, &target, instructions)
}

/// The same of rows of doubles, which are rounded to floats.
func narrowMean(
  of first: Span<Double>, _ second: Span<Double>, weights: (Double, Double)?,
  to target: inout MutableSpan<Float>, instructions: KernelInstructions
) {
  mean(VOXTILE_NARROWED, first, second, weights, &target, instructions)
}

/// - Parameter values: says which types the sources and the target have.
@inline(__always)
private func mean<Source: BitwiseCopyable, Target: BitwiseCopyable>(
  _ values: voxtile_row_values, _ first: Span<Source>, _ second: Span<Source>, _ weights: (Double, Double)?,
  _ target: inout MutableSpan<Target>, _ instructions: KernelInstructions
) {
  let count = target.count
  precondition(first.count == count && second.count == count, "the rows have different lengths")
  first.withUnsafeBufferPointer { first in
    second.withUnsafeBufferPointer { second in
      target.withUnsafeMutableBufferPointer { target in
        var rows = voxtile_row_mean(
          first: first.baseAddress, second: weights == nil ? nil : second.baseAddress,
          first_weight: weights?.0 ?? 1, second_weight: weights?.1 ?? 0, target: target.baseAddress,
          columns: count)
        voxtile_mean_of_rows(instructions.value, values, &rows)
      }
    }
  }
}

/// Which two values of a row each value of a new row is made from.
struct ColumnTaps: Sendable {
  private let first: [Int32]
  private let second: [Int32]
  private let firstWeights: [Double]
  private let secondWeights: [Double]
  /// Whether each new value is one old value.
  private let isPicked: Bool

  init(_ taps: AxisTaps) {
    precondition(taps.spline == nil && taps.count <= 2, "a spline needs whole lines")
    first = taps.taps.map { Int32($0.indices.x) }
    second = taps.taps.map { Int32($0.indices.y) }
    firstWeights = taps.taps.map(\.weights.x)
    secondWeights = taps.taps.map(\.weights.y)
    isPicked = taps.count == 1
  }

  /// The old values that some new ones are made from.
  func inputs(for columns: Range<Int>) -> Range<Int> {
    let ends = [columns.lowerBound, columns.upperBound - 1].flatMap { [first[$0], second[$0]] }
    // New voxels may lie in the order of the old ones, or in the opposite one.
    return Int(ends.min() ?? 0)..<Int(ends.max() ?? 0) + 1
  }

  /// Makes some values of a new row.
  ///
  /// - Parameters:
  ///   - columns: which ones.
  ///   - row: the old row, of which only what ``inputs(for:)`` says is looked at.
  func pick(
    _ columns: Range<Int>, of row: Span<Double>, to target: inout MutableSpan<Double>,
    instructions: KernelInstructions
  ) {
    precondition(
      target.count == columns.count && inputs(for: columns).upperBound <= row.count,
      "columns \(columns) are made from a row of \(row.count)")
    let weights = (firstWeights.span.extracting(columns), secondWeights.span.extracting(columns))
    let places = (first.span.extracting(columns), second.span.extracting(columns))
    row.withUnsafeBufferPointer { row in
      places.0.withUnsafeBufferPointer { first in
        places.1.withUnsafeBufferPointer { second in
          weights.0.withUnsafeBufferPointer { firstWeights in
            weights.1.withUnsafeBufferPointer { secondWeights in
              target.withUnsafeMutableBufferPointer { target in
                var picked = voxtile_picked_columns(
                  source: row.baseAddress, first: first.baseAddress,
                  second: isPicked ? nil : second.baseAddress, first_weights: firstWeights.baseAddress,
                  second_weights: secondWeights.baseAddress, target: target.baseAddress,
                  columns: columns.count)
                voxtile_pick_columns(instructions.value, &picked)
              }
            }
          }
        }
      }
    }
  }
}
