/// The least and the largest value of an image, or of each of its slices along an axis, within which a cubic spline is kept.
public struct ValueBounds: Hashable, Sendable {
  /// The axis of the slices; `nil` where the limits are those of the whole image.
  public let axis: Axis?
  /// The least value: one for each slice.
  public private(set) var lows: [Double]
  /// The largest value: one for each slice.
  public private(set) var highs: [Double]
  /// How many values were NaN or infinite.
  public private(set) var notFinite = 0

  private let extent: Extent

  /// Creates the limits of an image that has not been looked at yet.
  ///
  /// - Parameters:
  ///   - extent: the size of the image.
  ///   - axis: the axis of slices that have limits of their own.
  public init(extent: Extent, axis: Axis?) {
    self.axis = axis
    self.extent = extent
    let count = axis.map { extent[$0] } ?? 1
    lows = [Double](repeating: .infinity, count: count)
    highs = [Double](repeating: -.infinity, count: count)
  }

  /// Widens the limits by those of some planes.
  ///
  /// - Parameters:
  ///   - planes: whole planes of one channel, one after another.
  ///   - first: the first one's number.
  ///   - replacement: what counts in place of NaN and infinity.
  /// - Complexity: O(values).
  public mutating func add<Scalar: VoxelScalar>(_ planes: [Scalar], first: Int, replacement: Double = 0) {
    let (width, height) = (extent.width, extent.height)
    var values = [Double](repeating: 0, count: width)
    for row in 0..<planes.count / max(1, width) {
      var span = values.mutableSpan
      readDoubles(from: planes.span.extracting(row * width..<(row + 1) * width), into: &span)
      if !Scalar.scalarType.isInteger { notFinite += replaceNotFinite(&span, with: replacement) }
      if axis == .x {
        var low = lows.mutableSpan
        takeLower(values.span, to: &low)
        var high = highs.mutableSpan
        takeHigher(values.span, to: &high)
      } else {
        let slice = axis == .z ? first + row / height : axis == .y ? row % height : 0
        let limits = range(of: values.span)
        lows[slice] = min(lows[slice], limits.low)
        highs[slice] = max(highs[slice], limits.high)
      }
    }
  }

  /// Keeps a new plane within the limits.
  ///
  /// - Parameters:
  ///   - plane: its values.
  ///   - index: its number.
  func clip(_ plane: inout MutableSpan<Double>, _ index: Int, _ axes: PerAxis<AxisTaps>) {
    let width = axes.x.taps.count
    switch axis {
    case nil: clamp(&plane, low: lows[0], high: highs[0])
    case .z:
      let slice = axes.z.taps[index].indices.x
      clamp(&plane, low: lows[slice], high: highs[slice])
    case .y:
      for row in 0..<axes.y.taps.count {
        let slice = axes.y.taps[row].indices.x
        var line = plane._mutatingExtracting(row * width..<(row + 1) * width)
        clamp(&line, low: lows[slice], high: highs[slice])
      }
    case .x:
      let columns = axes.x.taps.map { $0.indices.x }
      let (low, high) = (columns.map { lows[$0] }, columns.map { highs[$0] })
      for row in 0..<axes.y.taps.count {
        var line = plane._mutatingExtracting(row * width..<(row + 1) * width)
        clamp(&line, lows: low.span, highs: high.span)
      }
    }
  }
}
