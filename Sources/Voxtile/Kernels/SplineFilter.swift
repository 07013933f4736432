// The kernels of resampling. A line of values to be filtered lies across rows, many lines side by side ("lanes"), so that
// all loops run along rows. All arithmetic is Double, in an order that does not depend on how many lines there are.

/// Goes one step forward along many lines: `row = gain * row + pole * carry`, and the carry becomes the row.
@inline(never)
func splineStepForward(
  _ row: inout MutableSpan<Double>, gain: Double, pole: Double, carry: inout MutableSpan<Double>
) {
  let count = row.count
  precondition(carry.count == count, "the rows have different lengths")
  for index in 0..<count {
    let value = gain * row[index] + pole * carry[index]
    carry[index] = value
    row[index] = value
  }
}

/// Goes one step back along many lines: `row = pole * (carry - row)`, and the carry becomes the row.
@inline(never)
func splineStepBack(_ row: inout MutableSpan<Double>, pole: Double, carry: inout MutableSpan<Double>) {
  let count = row.count
  precondition(carry.count == count, "the rows have different lengths")
  for index in 0..<count {
    let value = pole * (carry[index] - row[index])
    carry[index] = value
    row[index] = value
  }
}

/// The same without changing the row, which is still on its way there.
@inline(never)
func splineLookBack(_ row: Span<Double>, pole: Double, carry: inout MutableSpan<Double>) {
  let count = row.count
  precondition(carry.count == count, "the rows have different lengths")
  for index in 0..<count { carry[index] = pole * (carry[index] - row[index]) }
}

/// `target = weight * row`.
@inline(never)
func setScaled(_ row: Span<Double>, weight: Double, to target: inout MutableSpan<Double>) {
  let count = target.count
  precondition(row.count == count, "the rows have different lengths")
  for index in 0..<count { target[index] = weight * row[index] }
}

/// `target = target + weight * row`.
@inline(never)
func addScaled(_ row: Span<Double>, weight: Double, to target: inout MutableSpan<Double>) {
  let count = target.count
  precondition(row.count == count, "the rows have different lengths")
  for index in 0..<count { target[index] += weight * row[index] }
}

/// The weighted sum of one, two or four rows.
///
/// - Parameters:
///   - rows: many rows of the same length.
///   - starts: where the rows begin.
///   - count: how many of the rows count: 1, 2 or 4.
func mix(
  _ rows: Span<Double>, starts: SIMD4<Int>, weights: SIMD4<Double>, count: Int,
  to target: inout MutableSpan<Double>
) {
  switch count {
  case 1: copyRow(rows, start: starts.x, to: &target)
  case 2: mixTwo(rows, starts: starts, weights: weights, to: &target)
  default: mixFour(rows, starts: starts, weights: weights, to: &target)
  }
}

@inline(never)
private func copyRow(_ rows: Span<Double>, start: Int, to target: inout MutableSpan<Double>) {
  let count = target.count
  let row = rows.extracting(start..<start + count)
  for index in 0..<count { target[index] = row[index] }
}

@inline(never)
private func mixTwo(
  _ rows: Span<Double>, starts: SIMD4<Int>, weights: SIMD4<Double>, to target: inout MutableSpan<Double>
) {
  let count = target.count
  let a = rows.extracting(starts.x..<starts.x + count)
  let b = rows.extracting(starts.y..<starts.y + count)
  let (u, v) = (weights.x, weights.y)
  for index in 0..<count { target[index] = u * a[index] + v * b[index] }
}

@inline(never)
private func mixFour(
  _ rows: Span<Double>, starts: SIMD4<Int>, weights: SIMD4<Double>, to target: inout MutableSpan<Double>
) {
  let count = target.count
  let a = rows.extracting(starts.x..<starts.x + count)
  let b = rows.extracting(starts.y..<starts.y + count)
  let c = rows.extracting(starts.z..<starts.z + count)
  let d = rows.extracting(starts.w..<starts.w + count)
  let (u, v, w, x) = (weights.x, weights.y, weights.z, weights.w)
  for index in 0..<count {
    target[index] = u * a[index] + v * b[index] + w * c[index] + x * d[index]
  }
}

/// Keeps a row within limits. No value is NaN.
@inline(never)
func clamp(_ row: inout MutableSpan<Double>, low: Double, high: Double) {
  for index in 0..<row.count {
    let value = row[index] < low ? low : row[index]
    row[index] = value > high ? high : value
  }
}

/// Keeps each value of a row within limits of its own.
@inline(never)
func clamp(_ row: inout MutableSpan<Double>, lows: Span<Double>, highs: Span<Double>) {
  let count = row.count
  precondition(lows.count == count && highs.count == count, "the rows have different lengths")
  for index in 0..<count {
    let value = row[index] < lows[index] ? lows[index] : row[index]
    row[index] = value > highs[index] ? highs[index] : value
  }
}

/// Counts the values of a row that are NaN or infinite, and puts another value in their place.
@inline(never)
func replaceNotFinite(_ row: inout MutableSpan<Double>, with replacement: Double) -> Int {
  var found = 0.0
  for index in 0..<row.count { found += row[index] - row[index] }
  // Only NaN and infinity differ from themselves by anything but 0.
  if found == 0 { return 0 }
  var count = 0
  for index in 0..<row.count where !row[index].isFinite {
    row[index] = replacement
    count += 1
  }
  return count
}

/// Turns rows into columns: `target[column * stride + offset] = row[column]`.
@inline(never)
func scatter(_ row: Span<Double>, to target: inout MutableSpan<Double>, offset: Int, stride: Int) {
  precondition(
    row.count == 0 || offset >= 0 && stride > 0 && offset + (row.count - 1) * stride < target.count,
    "the columns lie outside of the target")
  var place = offset
  for index in 0..<row.count {
    target[place] = row[index]
    place &+= stride
  }
}

/// Turns columns back into rows: `target[column] = source[column * stride + offset]`.
@inline(never)
func collect(_ source: Span<Double>, offset: Int, stride: Int, to target: inout MutableSpan<Double>) {
  precondition(
    target.count == 0 || offset >= 0 && stride > 0 && offset + (target.count - 1) * stride < source.count,
    "the columns lie outside of the source")
  var place = offset
  for index in 0..<target.count {
    target[index] = source[place]
    place &+= stride
  }
}

/// The least and the largest value of a row without NaN; of none, an empty range.
@inline(never)
func range(of row: Span<Double>) -> (low: Double, high: Double) {
  var (low, high) = (Double.infinity, -Double.infinity)
  for index in 0..<row.count {
    low = row[index] < low ? row[index] : low
    high = row[index] > high ? row[index] : high
  }
  return (low, high)
}

/// Takes the values of a row that are lower than those of another one.
@inline(never)
func takeLower(_ row: Span<Double>, to lows: inout MutableSpan<Double>) {
  let count = lows.count
  precondition(row.count == count, "the rows have different lengths")
  for index in 0..<count { lows[index] = row[index] < lows[index] ? row[index] : lows[index] }
}

/// Takes the values of a row that are higher than those of another one.
@inline(never)
func takeHigher(_ row: Span<Double>, to highs: inout MutableSpan<Double>) {
  let count = highs.count
  precondition(row.count == count, "the rows have different lengths")
  for index in 0..<count { highs[index] = row[index] > highs[index] ? row[index] : highs[index] }
}
