import Voxtile

/// What was gathered of one channel, whatever precision its intensities have.
protocol GatheredIntensities {
  /// The type that intensities are computed in.
  static var scalarType: ScalarType { get }

  /// The least and the largest finite value, or `nil` where there is none.
  var extremes: ClosedRange<Double>? { get }

  /// Mean and deviation of the finite voxels, or `nil` where there are none.
  func moments(of voxels: Normalization.Voxels) -> FloatMoments.Result?

  /// The percentiles that were asked for, in their order; empty where no voxel counts.
  var percentiles: [Double] { get }

  /// Whether the voxels that count for percentiles all have the same intensity.
  var isConstant: Bool { get }

  /// A number as it is in the type that intensities are computed in.
  func rounded(_ value: Double) -> Double

  /// The least number above 0 of that type.
  var leastDivisor: Double { get }
}

extension ChannelStatistics: GatheredIntensities {
  static var scalarType: ScalarType { .float32 }

  var extremes: ClosedRange<Double>? {
    range?.values.map { Double($0.lowerBound)...Double($0.upperBound) }
  }

  func moments(of voxels: Normalization.Voxels) -> FloatMoments.Result? { moments?.result(of: voxels) }

  var percentiles: [Double] { ranks?.percentiles() ?? [] }

  var isConstant: Bool { ranks?.isConstant ?? false }

  func rounded(_ value: Double) -> Double { Double(Float(value)) }

  var leastDivisor: Double { Double(Float.leastNonzeroMagnitude) }
}
