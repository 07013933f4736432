import Voxtile

/// What is gathered of one channel of real values of `Double`; what is not needed is `nil`.
struct DoubleStatistics: Sendable {
  private var range: ClosedRange<Double>?
  private var real: DoubleMoments?
  private var ranks: RankedDoubles?
  private var needsRange = false

  init(for normalization: Normalization) {
    switch normalization {
    case .none, .window, .ct: break
    case .zScore(let voxels): real = DoubleMoments(of: voxels)
    case .minMax, .maximum: needsRange = true
    case .percentiles(let low, let high, let voxels):
      ranks = RankedDoubles([low, high], of: voxels == .nonZero ? .nonZero : .all)
    case .peak(let percentile, _):
      ranks = RankedDoubles([percentile], of: .positive)
    }
  }

  /// Whether the whole scan has to be read once more.
  var needsPass: Bool { needsRange || real?.needsPass ?? false || ranks?.needsPass ?? false }

  /// Adds voxels in this pass.
  mutating func add(_ values: Span<Double>) {
    real?.add(values)
    ranks?.add(values)
    guard needsRange else { return }
    for index in 0..<values.count where values[index].isFinite {
      // The sum turns -0 into 0.
      let value = values[index] + 0
      range = min(range?.lowerBound ?? value, value)...max(range?.upperBound ?? value, value)
    }
  }

  /// Ends the pass; the whole scan has been added.
  mutating func endPass() {
    real?.endPass()
    ranks?.endPass()
    needsRange = false
  }
}

extension DoubleStatistics: GatheredIntensities {
  static var scalarType: ScalarType { .float64 }

  var extremes: ClosedRange<Double>? { range }
  func moments(of voxels: Normalization.Voxels) -> FloatMoments.Result? { real?.result }
  var percentiles: [Double] { ranks?.percentiles() ?? [] }
  var isConstant: Bool { ranks?.isConstant ?? false }
  func rounded(_ value: Double) -> Double { value }
  var leastDivisor: Double { .leastNormalMagnitude }
}

/// What was gathered of values that `Float` holds exactly, for a map that is computed in `Double`.
struct WidenedStatistics: GatheredIntensities {
  let gathered: ChannelStatistics

  static var scalarType: ScalarType { .float64 }

  var extremes: ClosedRange<Double>? { gathered.extremes }
  func moments(of voxels: Normalization.Voxels) -> FloatMoments.Result? { gathered.moments(of: voxels) }
  var percentiles: [Double] { gathered.percentiles }
  var isConstant: Bool { gathered.isConstant }
  func rounded(_ value: Double) -> Double { value }
  var leastDivisor: Double { .leastNormalMagnitude }
}
