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
    for channel in channels.indices { maps.append(try map(ofChannel: channel)) }
    return maps
  }

  private func map(ofChannel channel: Int) throws(VoxtileError) -> IntensityMap {
    switch normalization {
    case .none:
      return .identity
    case .window(let low, let high):
      return try unitMap(low, high, channel)
    case .ct(let low, let high, let mean, let deviation):
      let (mean, deviation) = (Float(mean), Float(deviation))
      return IntensityMap(
        offset: mean, divisor: deviation, lower: (Float(low) - mean) / deviation,
        upper: (Float(high) - mean) / deviation)
    case .zScore(let voxels):
      return try standardMap(channels[channel].moments?.result(of: voxels), voxels, channel)
    case .minMax:
      let range = try range(ofChannel: channel)
      if range.lowerBound == range.upperBound { return .zero(at: range.lowerBound) }
      return try unitMap(Double(range.lowerBound), Double(range.upperBound), channel)
    case .maximum:
      let largest = try range(ofChannel: channel).upperBound
      guard largest > 0 else {
        throw .nothingAboveZero(channel, normalization, found: "the largest is \(largest)")
      }
      return IntensityMap(divisor: largest)
    case .percentiles(let low, let high, let voxels):
      return try percentileMap(low, high, voxels, channel)
    case .peak(let percentile, let limit):
      return try peakMap(percentile, Float(limit), channel)
    }
  }

  /// The least and the largest value.
  private func range(ofChannel channel: Int) throws(VoxtileError) -> ClosedRange<Float> {
    guard let range = channels[channel].range?.values else { throw .nothingFinite(channel, normalization) }
    return range
  }

  private func standardMap(
    _ moments: ExactMoments.Result?, _ voxels: Normalization.Voxels, _ channel: Int
  ) throws(VoxtileError) -> IntensityMap {
    let keepsZero = voxels == .nonZero
    guard let moments else {
      if keepsZero { return IntensityMap(keepsZero: true) }
      throw .nothingFinite(channel, normalization)
    }
    let deviation = Float(moments.deviation)
    return IntensityMap(
      offset: Float(moments.mean), divisor: deviation > 0 ? deviation : 1, keepsZero: keepsZero)
  }

  private func percentileMap(
    _ low: Double, _ high: Double, _ voxels: Normalization.Voxels, _ channel: Int
  ) throws(VoxtileError) -> IntensityMap {
    let keepsZero = voxels == .nonZero
    guard let ranks = channels[channel].ranks, ranks.count > 0 else {
      if keepsZero { return IntensityMap(keepsZero: true) }
      throw .nothingFinite(channel, normalization)
    }
    let values = ranks.percentiles()
    let (first, last) = (values[0], values[1])
    var map: IntensityMap
    if first < last {
      map = try unitMap(first, last, channel)
    } else if ranks.isConstant {
      map = .zero(at: Float(first))
    } else {
      throw .equalPercentiles(channel, normalization, low, high, value: first)
    }
    map.keepsZero = keepsZero
    return map
  }

  private func peakMap(
    _ percentile: Double, _ limit: Float, _ channel: Int
  ) throws(VoxtileError) -> IntensityMap {
    guard let value = channels[channel].ranks?.percentiles().first else {
      throw .nothingAboveZero(channel, normalization, found: "none of them is")
    }
    return IntensityMap(divisor: max(Float(value), .leastNonzeroMagnitude), lower: 0, upper: limit)
  }

  /// The map of two values to 0 and 1, clipped.
  private func unitMap(_ low: Double, _ high: Double, _ channel: Int) throws(VoxtileError) -> IntensityMap {
    let divisor = Float(high - low)
    guard divisor > 0, divisor.isFinite else { throw .rangeNotUsable(channel, normalization, low, high) }
    return IntensityMap(offset: Float(low), divisor: divisor, lower: 0, upper: 1)
  }
}

extension IntensityMap {
  /// The map of a constant channel to 0.
  fileprivate static func zero(at value: Float) -> IntensityMap {
    IntensityMap(offset: value, lower: 0, upper: 1)
  }
}

extension VoxtileError {
  fileprivate static func nothingFinite(_ channel: Int, _ normalization: Normalization) -> VoxtileError {
    VoxtileError(
      .invalidOption,
      "channel \(channel) has no finite voxel, and \(normalization) needs at least one; use none or a window, or "
        + "mend the scan",
      context: .init(expected: "a finite voxel", found: "none"))
  }

  fileprivate static func nothingAboveZero(
    _ channel: Int, _ normalization: Normalization, found: String
  ) -> VoxtileError {
    VoxtileError(
      .invalidOption,
      "channel \(channel) has no voxel above 0 (\(found)), and \(normalization) divides by one; use zscore or minmax, "
        + "or leave the channel out",
      context: .init(expected: "> 0", found: found))
  }

  fileprivate static func equalPercentiles(
    _ channel: Int, _ normalization: Normalization, _ low: Double, _ high: Double, value: Double
  ) -> VoxtileError {
    let voxels = normalization.description.hasSuffix(":nonzero") ? "voxels that are not 0" : "voxels"
    return VoxtileError(
      .invalidOption,
      "channel \(channel) has the value \(value) at both percentiles, \(low) and \(high), of its \(voxels), so that "
        + "\(normalization) has no range; use percentiles further apart, percentiles of nonzero voxels, or minmax",
      context: .init(expected: "> \(value)", found: "\(value)"))
  }

  fileprivate static func rangeNotUsable(
    _ channel: Int, _ normalization: Normalization, _ low: Double, _ high: Double
  ) -> VoxtileError {
    VoxtileError(
      .invalidOption,
      "channel \(channel) has values from \(low) to \(high), a range that float32 does not have and \(normalization) "
        + "divides by; use a window",
      context: .init(expected: "a range of float32", found: "\(low)...\(high)"))
  }
}
