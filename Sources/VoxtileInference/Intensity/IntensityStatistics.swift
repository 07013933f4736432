/// What a normalization needs to know about a scan, gathered slab by slab.
///
/// The slabs of a channel may be cut anywhere and come in any order, and the voxels may be shared out to several
/// statistics on several threads: the result has the same bits, because nothing is rounded before the end.
///
///     var statistics = IntensityStatistics(for: .zScore(of: .nonZero), channels: 1)
///     while statistics.needsPass {
///       for slab in slabs { statistics.add(slab, channel: 0) }
///       statistics.endPass()
///     }
///     let map = try statistics.maps()[0]
///
/// Memory does not depend on the scan: for each channel a few numbers for the least and largest value, 20 KiB for mean and
/// deviation, and 0.5 MiB in the first and up to 2.6 MiB in the second pass of percentiles.
struct IntensityStatistics: Sendable {
  /// The normalization that the statistics are for.
  let normalization: Normalization
  /// How often the whole scan has to be read: 0, 1 or 2 times.
  ///
  /// Where the first of two passes turns out to be enough, the second is dropped.
  private(set) var passes: Int
  /// The passes that have ended.
  private(set) var endedPasses = 0
  var channels: [ChannelStatistics]

  /// Creates statistics that have seen nothing.
  ///
  /// - Parameters:
  ///   - normalization: what is to be known; its numbers are in their ranges.
  ///   - channels: the number of channels, at least 1.
  init(for normalization: Normalization, channels: Int) {
    precondition(normalization.isValid, "the numbers of \(normalization) are outside their ranges")
    precondition(channels >= 1, "channels is \(channels), not at least 1")
    self.normalization = normalization
    passes = normalization.passes
    self.channels = [ChannelStatistics](repeating: ChannelStatistics(for: normalization), count: channels)
  }

  /// Whether the scan has to be read once more.
  var needsPass: Bool { endedPasses < passes }

  /// Adds some voxels of a channel; each voxel once in every pass.
  ///
  /// Voxels that come after the last pass are ignored.
  ///
  /// - Parameters:
  ///   - values: any part of the channel.
  ///   - channel: the number of the channel, from 0.
  /// - Complexity: O(count).
  mutating func add(_ values: Span<Float>, channel: Int) {
    precondition(channels.indices.contains(channel), "there is no channel \(channel) of \(channels.count)")
    guard needsPass else { return }
    channels[channel].add(values)
  }

  /// Statistics that know what earlier passes found and have seen nothing in this one, for another thread.
  ///
  /// What they are given is taken in with ``combine(_:)`` before the pass ends.
  func part() -> IntensityStatistics {
    var part = self
    part.channels = channels.map { $0.part() }
    return part
  }

  /// Adds what a part has counted in this pass.
  ///
  /// - Parameter part: made by ``part()`` in this pass, or statistics for the same that are in the same pass.
  /// - Complexity: O(memory of the statistics).
  mutating func combine(_ part: IntensityStatistics) {
    precondition(
      part.normalization == normalization && part.channels.count == channels.count
        && part.endedPasses == endedPasses, "parts of different passes were combined")
    for channel in channels.indices { channels[channel].combine(part.channels[channel]) }
  }

  /// Ends a pass; the whole scan has been added.
  mutating func endPass() {
    guard needsPass else { return }
    for channel in channels.indices { channels[channel].endPass() }
    endedPasses += 1
    if !channels.contains(where: \.needsSecondPass) { passes = endedPasses }
  }
}

/// What is gathered of one channel; what is not needed is `nil`.
struct ChannelStatistics: Sendable {
  var range: IntensityRange?
  var moments: FloatMoments?
  var ranks: RankedFloats?

  init(for normalization: Normalization) {
    switch normalization {
    case .none, .window, .ct: break
    case .zScore: moments = FloatMoments()
    case .minMax, .maximum: range = IntensityRange()
    case .percentiles(let low, let high, let voxels):
      ranks = RankedFloats([low, high], of: voxels == .nonZero ? .nonZero : .all)
    case .peak(let percentile, _):
      ranks = RankedFloats([percentile], of: .positive)
    }
  }

  var needsSecondPass: Bool { ranks?.needsSecondPass ?? false }

  mutating func add(_ values: Span<Float>) {
    range?.add(values)
    moments?.add(values)
    ranks?.add(values)
  }

  func part() -> ChannelStatistics {
    var part = self
    if range != nil { part.range = IntensityRange() }
    if moments != nil { part.moments = FloatMoments() }
    part.ranks = ranks?.part()
    return part
  }

  mutating func combine(_ other: ChannelStatistics) {
    if let range = other.range { self.range?.combine(range) }
    if let moments = other.moments { self.moments?.combine(moments) }
    if let ranks = other.ranks { self.ranks?.combine(ranks) }
  }

  mutating func endPass() { ranks?.endPass() }
}

extension Normalization {
  /// How often a scan is read before its intensities can be mapped.
  var passes: Int {
    switch self {
    case .none, .window, .ct: 0
    case .zScore, .minMax, .maximum: 1
    case .percentiles, .peak: 2
    }
  }
}
