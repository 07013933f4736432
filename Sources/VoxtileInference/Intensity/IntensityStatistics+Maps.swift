import Voxtile

extension IntensityStatistics {
  /// The normalization with its numbers, one map for each channel.
  ///
  /// A constant channel becomes 0 where its mean, its least value or a percentile is subtracted. A channel of nothing
  /// but zeros stays as it is where only ``Normalization/Voxels/nonZero`` are looked at.
  ///
  /// - Precondition: all passes have ended.
  /// - Throws: `VoxtileError.Code.invalidOption` where the normalization means nothing for a channel: no voxel is
  ///   finite; the two percentiles are the same though the channel is not constant; no voxel is above 0 for
  ///   ``Normalization/maximum`` and ``Normalization/peak(percentile:limit:)``; or what is to be divided by has no
  ///   place in `Float`.
  func maps() throws(VoxtileError) -> [IntensityMap] {
    precondition(!needsPass, "the maps were asked for before the last pass")
    var maps: [IntensityMap] = []
    for (number, channel) in channels.enumerated() {
      maps.append(try channel.map(for: normalization, number))
    }
    return maps
  }
}

extension GatheredIntensities {
  /// The normalization with the numbers of this channel.
  ///
  /// - Parameter channel: its number, for messages.
  /// - Throws: as ``IntensityStatistics/maps()``.
  func map(for normalization: Normalization, _ channel: Int) throws(VoxtileError) -> IntensityMap {
    let failure = IntensityFailure(normalization: normalization, channel: channel, type: Self.scalarType)
    switch normalization {
    case .none:
      return .identity
    case .window(let low, let high):
      return try unitMap(low, high, failure)
    case .ct(let low, let high, let mean, let deviation):
      let (mean, deviation) = (rounded(mean), rounded(deviation))
      func bound(_ value: Double) -> Double { rounded(rounded(rounded(value) - mean) / deviation) }
      return IntensityMap(offset: mean, divisor: deviation, lower: bound(low), upper: bound(high))
    case .zScore(let voxels):
      return try standardMap(voxels, failure)
    case .minMax:
      guard let range = extremes else { throw failure.nothingFinite() }
      if range.lowerBound == range.upperBound { return .zero(at: range.lowerBound) }
      return try unitMap(range.lowerBound, range.upperBound, failure)
    case .maximum:
      guard let largest = extremes?.upperBound else { throw failure.nothingFinite() }
      guard largest > 0 else { throw failure.nothingAboveZero(found: "the largest is \(largest)") }
      return IntensityMap(divisor: largest)
    case .percentiles(let low, let high, let voxels):
      return try percentileMap(low, high, voxels, failure)
    case .peak(_, let limit):
      guard let value = percentiles.first else { throw failure.nothingAboveZero(found: "none of them is") }
      return IntensityMap(divisor: max(rounded(value), leastDivisor), lower: 0, upper: rounded(limit))
    }
  }

  private func standardMap(
    _ voxels: Normalization.Voxels, _ failure: IntensityFailure
  ) throws(VoxtileError) -> IntensityMap {
    let keepsZero = voxels == .nonZero
    guard let moments = moments(of: voxels) else {
      if keepsZero { return IntensityMap(keepsZero: true) }
      throw failure.nothingFinite()
    }
    let (mean, deviation) = (rounded(moments.mean), rounded(moments.deviation))
    guard mean.isFinite, deviation.isFinite else { throw failure.momentsNotUsable() }
    return IntensityMap(offset: mean, divisor: deviation > 0 ? deviation : 1, keepsZero: keepsZero)
  }

  private func percentileMap(
    _ low: Double, _ high: Double, _ voxels: Normalization.Voxels, _ failure: IntensityFailure
  ) throws(VoxtileError) -> IntensityMap {
    let keepsZero = voxels == .nonZero
    guard let first = percentiles.first, let last = percentiles.last else {
      if keepsZero { return IntensityMap(keepsZero: true) }
      throw failure.nothingFinite()
    }
    var map: IntensityMap
    if first < last {
      map = try unitMap(first, last, failure)
    } else if isConstant {
      map = .zero(at: rounded(first))
    } else {
      throw failure.equalPercentiles(low, high, value: first)
    }
    map.keepsZero = keepsZero
    return map
  }

  /// The map of two values to 0 and 1, clipped.
  private func unitMap(
    _ low: Double, _ high: Double, _ failure: IntensityFailure
  ) throws(VoxtileError) -> IntensityMap {
    let divisor = rounded(high - low)
    guard divisor > 0, divisor.isFinite else { throw failure.rangeNotUsable(low, high) }
    return IntensityMap(offset: rounded(low), divisor: divisor, lower: 0, upper: 1)
  }
}

extension IntensityMap {
  /// The map of a constant channel to 0.
  fileprivate static func zero(at value: Double) -> IntensityMap {
    IntensityMap(offset: value, lower: 0, upper: 1)
  }
}
