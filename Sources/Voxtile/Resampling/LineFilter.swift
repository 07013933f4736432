/// Resamples many lines of one axis side by side. The lines lie across rows: a row has the same voxel of each line ("lanes").
struct LineFilter: Sendable {
  let taps: AxisTaps
  /// How much each of the first rows counts where a spline begins.
  private let startWeights: [Double]

  init(_ taps: AxisTaps) {
    self.taps = taps
    startWeights = taps.spline?.startWeights(lineLength: taps.lineLength) ?? []
  }

  /// Where the first voxel of a line lies among its rows.
  var firstRow: Int { taps.spline?.padding ?? 0 }

  /// Turns whole lines into coefficients, in place, where the axis is a spline.
  ///
  /// - Parameters:
  ///   - lines: rows of `lanes` values: as many as a line has, with what is added at its ends, which is filled here.
  ///   - carry: room for one row.
  func prepare(_ lines: inout MutableSpan<Double>, lanes: Int, carry: inout MutableSpan<Double>) {
    guard let spline = taps.spline else { return }
    let length = taps.lineLength
    for row in 0..<firstRow {
      copy(row: firstRow, to: row, lanes, &lines)
      copy(row: length - 1 - firstRow, to: length - 1 - row, lanes, &lines)
    }
    setStart(of: lines.span, lanes: lanes, row: { $0 * lanes }, to: &carry)
    copy(carry, to: 0..<lanes, of: &lines)
    for row in 1..<length {
      var line = lines._mutatingExtracting(row * lanes..<(row + 1) * lanes)
      splineStepForward(&line, gain: SplineEnds.gain, pole: SplineEnds.pole, carry: &carry)
    }
    for lane in 0..<lanes {
      let last = spline.last(
        lines[(length - 1) * lanes + lane], before: lines[(length - 2) * lanes + lane])
      lines[(length - 1) * lanes + lane] = last
      carry[lane] = last
    }
    for row in (0..<length - 1).reversed() {
      var line = lines._mutatingExtracting(row * lanes..<(row + 1) * lanes)
      splineStepBack(&line, pole: SplineEnds.pole, carry: &carry)
    }
  }

  /// The first coefficient of the way there, of each lane.
  ///
  /// - Parameter row: where a row of values begins.
  func setStart(
    of lines: Span<Double>, lanes: Int, row: (Int) -> Int, to carry: inout MutableSpan<Double>
  ) {
    for (index, weight) in startWeights.enumerated() {
      let start = row(index)
      let values = lines.extracting(start..<start + lanes)
      if index == 0 {
        setScaled(values, weight: SplineEnds.gain * weight, to: &carry)
      } else {
        addScaled(values, weight: SplineEnds.gain * weight, to: &carry)
      }
    }
  }

  /// One new voxel of each line.
  ///
  /// - Parameter row: where a row of the prepared lines begins.
  @inline(__always)
  func evaluate(
    _ output: Int, of lines: Span<Double>, row: (Int) -> Int, to target: inout MutableSpan<Double>
  ) {
    let tap = taps.taps[output]
    let starts = SIMD4(row(tap.indices.x), row(tap.indices.y), row(tap.indices.z), row(tap.indices.w))
    mix(lines, starts: starts, weights: tap.weights, count: taps.count, to: &target)
  }

  private func copy(row: Int, to other: Int, _ lanes: Int, _ lines: inout MutableSpan<Double>) {
    for lane in 0..<lanes { lines[other * lanes + lane] = lines[row * lanes + lane] }
  }

  private func copy(
    _ row: borrowing MutableSpan<Double>, to range: Range<Int>, of lines: inout MutableSpan<Double>
  ) {
    for (lane, place) in range.enumerated() { lines[place] = row[lane] }
  }
}
