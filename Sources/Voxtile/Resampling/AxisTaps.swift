/// What one new voxel of an axis is made from: up to four values, or coefficients of a spline, and how much each counts.
struct Tap: Hashable, Sendable {
  /// Which values of the line; those beyond ``AxisTaps/count`` do not count.
  var indices: SIMD4<Int>
  /// How much they count; their sum is 1.
  var weights: SIMD4<Double>

  init(_ indices: [Int], _ weights: [Double]) {
    self.indices = SIMD4(repeating: indices.last ?? 0)
    self.weights = SIMD4(repeating: 0)
    for (lane, index) in indices.enumerated() { self.indices[lane] = index }
    for (lane, weight) in weights.enumerated() { self.weights[lane] = weight }
  }
}

/// What each new voxel of an axis is made from.
struct AxisTaps: Sendable {
  /// How many values each new voxel is made from: 1, 2 or 4.
  let count: Int
  /// How a line becomes coefficients before; `nil` where its values are taken as they are.
  let spline: SplineEnds?
  /// The number of values or coefficients of a line, those added at its ends included.
  let lineLength: Int
  /// What each new voxel is made from.
  let taps: [Tap]

  init(_ axis: AxisResampling) {
    let outputs = 0..<axis.newLength
    if axis.isIdentity {
      self.init(count: 1, lineLength: axis.length, taps: outputs.map { Tap([$0], [1]) })
      return
    }
    switch axis.interpolation {
    case .nearest:
      self.init(count: 1, lineLength: axis.length, taps: outputs.map { Tap([axis.nearest(to: $0)], [1]) })
    case .linear:
      self.init(count: 2, lineLength: axis.length, taps: outputs.map { axis.linearTap(of: $0) })
    case .cubic:
      let ends: SplineEnds = axis.convention == .torchio ? .mirror : .edge
      let length = axis.length + 2 * ends.padding
      self.init(
        count: 4, spline: length > 1 ? ends : nil, lineLength: length,
        taps: outputs.map { axis.cubicTap(of: $0, ends: ends, lineLength: length) })
    }
  }

  private init(count: Int, spline: SplineEnds? = nil, lineLength: Int, taps: [Tap]) {
    self.count = count
    self.spline = spline
    self.lineLength = lineLength
    self.taps = taps
  }

  /// Whether a line is taken as it is.
  var isIdentity: Bool {
    count == 1 && spline == nil && taps.count == lineLength
      && taps.indices.allSatisfy { taps[$0].indices.x == $0 }
  }

  /// The first and the last value of a line that a new voxel needs.
  func needed(by output: Int) -> ClosedRange<Int> {
    taps[output].indices.min()...taps[output].indices.max()
  }
}

extension AxisResampling {
  /// The old voxel that is nearest to a new one.
  func nearest(to index: Int) -> Int {
    if isReversed { return length - 1 - fromOtherEnd.nearest(to: newLength - 1 - index) }
    let position = position(of: index)
    let nearest: Double =
      switch (convention, places) {
      case (.monai, _): position.rounded(.toNearestOrEven)
      // As PyTorch's nearest-exact does it.
      case (_, .singleFaces):
        Double(((Float(index) + 0.5) * (Float(length) / Float(newLength))).rounded(.down))
      default: (position + 0.5).rounded(.down)
      }
    return Int(min(max(nearest, 0), Double(length - 1)))
  }

  /// The two old voxels around a new one. Beyond the border, the outermost one counts alone.
  fileprivate func linearTap(of index: Int) -> Tap {
    if isReversed {
      let tap = fromOtherEnd.linearTap(of: newLength - 1 - index)
      return Tap(
        [length - 1 - tap.indices.y, length - 1 - tap.indices.x], [tap.weights.y, tap.weights.x])
    }
    let position = min(max(position(of: index), 0), Double(length - 1))
    let first = position.rounded(.down)
    let next = min(Int(first) + 1, length - 1)
    if case .singleFaces = places {
      let part = Float(position) - Float(first)
      return Tap([Int(first), next], [Double(1 - part), Double(part)])
    }
    let part = position - first
    return Tap([Int(first), next], [1 - part, part])
  }

  /// The four coefficients around a new voxel.
  fileprivate func cubicTap(of index: Int, ends: SplineEnds, lineLength: Int) -> Tap {
    let position = min(max(position(of: index) + Double(ends.padding), ends.lowest), ends.highest(lineLength))
    let first = position.rounded(.down)
    let t = position - first
    let u = 1 - t
    let weights = [
      u * u * u / 6, (4 - 6 * t * t + 3 * t * t * t) / 6, (1 + 3 * t + 3 * t * t - 3 * t * t * t) / 6,
      t * t * t / 6,
    ]
    return Tap((-1...2).map { ends.index(Int(first) + $0, lineLength: lineLength) }, weights)
  }
}
