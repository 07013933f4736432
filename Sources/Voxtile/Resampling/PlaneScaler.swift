/// Resamples planes along x and y, each by itself.
struct PlaneScaler: Sendable {
  private let x: LineFilter
  private let y: LineFilter
  /// The width and height before.
  private let width: Int
  private let height: Int
  /// The width after.
  private let newWidth: Int
  /// The height after.
  private let newHeight: Int
  /// What takes the place of NaN and infinity.
  private let replacement: Double

  /// How many lines are resampled side by side: as many as fit into a nearby cache.
  private static let lanes = 32

  init(_ resampling: Resampling, replacement: Double) {
    x = LineFilter(AxisTaps(resampling.axes.x))
    y = LineFilter(AxisTaps(resampling.axes.y))
    (width, height) = (resampling.extent.width, resampling.extent.height)
    (newWidth, newHeight) = (resampling.newExtent.width, resampling.newExtent.height)
    self.replacement = replacement
  }

  /// The bytes that scaling one plane takes beside the plane and the result.
  var workingBytes: Int {
    let lines = max(x.taps.lineLength, y.taps.lineLength) * Self.lanes
    return 8 * (height * newWidth + lines + width + newWidth)
  }

  /// Resamples one plane.
  ///
  /// - Parameters:
  ///   - plane: `height` rows of `width` values.
  ///   - isFinite: whether all of them are known to be finite.
  ///   - target: the same after.
  /// - Returns: how many values were NaN or infinite and were replaced.
  func scale<Scalar: VoxelScalar>(
    _ plane: Span<Scalar>, isFinite: Bool = Scalar.scalarType.isInteger, to target: inout MutableSpan<Double>
  ) -> Int {
    if y.taps.isIdentity { return scaleRows(plane, isFinite: isFinite, to: &target) }
    var rows = [Double](unsetCount: height * newWidth)
    var span = rows.mutableSpan
    let replaced = scaleRows(plane, isFinite: isFinite, to: &span)
    scaleColumns(rows.span, to: &target)
    return replaced
  }

  /// Along x. Some rows at a time are turned into columns, so that one loop runs over all of them.
  private func scaleRows<Scalar: VoxelScalar>(
    _ plane: Span<Scalar>, isFinite: Bool, to target: inout MutableSpan<Double>
  ) -> Int {
    var values = [Double](repeating: 0, count: width)
    let isIdentity = x.taps.isIdentity
    var replaced = 0
    var lines = [Double](repeating: 0, count: isIdentity ? 0 : x.taps.lineLength * Self.lanes)
    var results = [Double](repeating: 0, count: isIdentity ? 0 : newWidth * Self.lanes)
    for first in stride(from: 0, to: height, by: Self.lanes) {
      let rows = first..<min(first + Self.lanes, height)
      for row in rows {
        var span = values.mutableSpan
        readDoubles(from: plane.extracting(row * width..<(row + 1) * width), into: &span)
        if !isFinite { replaced += replaceNotFinite(&span, with: replacement) }
        if isIdentity {
          scatter(values.span, to: &target, offset: row * newWidth, stride: 1)
        } else {
          var lines = lines.mutableSpan
          scatter(
            values.span, to: &lines, offset: x.firstRow * rows.count + row - first, stride: rows.count)
        }
      }
      if isIdentity { continue }
      run(x, &lines, lanes: rows.count, to: &results, newLength: newWidth)
      for row in rows {
        var line = target._mutatingExtracting(row * newWidth..<(row + 1) * newWidth)
        collect(results.span, offset: row - first, stride: rows.count, to: &line)
      }
    }
    return replaced
  }

  private func run(
    _ filter: LineFilter, _ lines: inout [Double], lanes: Int, to results: inout [Double], newLength: Int
  ) {
    var carry = [Double](repeating: 0, count: lanes)
    var span = lines.mutableSpan
    var row = carry.mutableSpan
    filter.prepare(&span, lanes: lanes, carry: &row)
    var target = results.mutableSpan
    for output in 0..<newLength {
      var part = target._mutatingExtracting(output * lanes..<(output + 1) * lanes)
      filter.evaluate(output, of: lines.span, row: { $0 * lanes }, to: &part)
    }
  }

  /// Along y; where a spline goes over whole columns first, some of them at a time.
  private func scaleColumns(_ rows: Span<Double>, to target: inout MutableSpan<Double>) {
    if y.taps.spline == nil {
      for output in 0..<newHeight {
        var line = target._mutatingExtracting(output * newWidth..<(output + 1) * newWidth)
        y.evaluate(output, of: rows, row: { $0 * newWidth }, to: &line)
      }
      return
    }
    var lines = [Double](repeating: 0, count: y.taps.lineLength * Self.lanes)
    var carry = [Double](repeating: 0, count: Self.lanes)
    for first in stride(from: 0, to: newWidth, by: Self.lanes) {
      let lanes = min(Self.lanes, newWidth - first)
      var span = lines.mutableSpan
      for row in 0..<height {
        let start = (y.firstRow + row) * lanes
        var line = span._mutatingExtracting(start..<start + lanes)
        mix(rows, starts: SIMD4(repeating: row * newWidth + first), weights: .one, count: 1, to: &line)
      }
      var carryRow = carry.mutableSpan
      var part = carryRow._mutatingExtracting(0..<lanes)
      y.prepare(&span, lanes: lanes, carry: &part)
      for output in 0..<newHeight {
        let start = output * newWidth + first
        var line = target._mutatingExtracting(start..<start + lanes)
        y.evaluate(output, of: lines.span, row: { $0 * lanes }, to: &line)
      }
    }
  }
}
