/// Percentiles of the intensities of a channel: exact ones, in bounded memory.
///
/// The bits of numbers are ordered like the numbers, once those of negative ones are inverted. The first pass
/// counts the high halves of these 32 bits, which says in which half the voxel of each rank lies; the second counts
/// the low halves of the voxels there. That is 512 KiB for the first pass, and as much for each of at most four
/// high halves in the second. Where all low halves are 0, as in a scan of whole numbers up to 256, the first pass is
/// enough.
struct RankedFloats: Sendable {
  /// The voxels that count.
  enum Selection: Hashable, Sendable { case all, nonZero, positive }

  private static let binCount = 1 << 16
  /// The high halves of finite numbers.
  private static let finiteBins = 0x0080..<0xFF80

  private let percentages: [Double]
  private let selection: Selection
  private var highs: [Int]
  private var traits = IntensityTraits()
  /// The number of voxels that count, known after the first pass.
  private(set) var count = 0
  /// The high halves that the second pass looks into, ascending, and for each of all high halves its place among them.
  private var bins: [Int] = []
  private var places: [UInt8] = []
  private var lows: [Int] = []

  /// Looks for percentages from 0 to 100.
  init(_ percentages: [Double], of selection: Selection) {
    self.percentages = percentages
    self.selection = selection
    highs = [Int](repeating: 0, count: Self.binCount)
  }

  /// Whether the second pass is still to be made.
  private(set) var needsSecondPass = true
  private var isFirstPass = true

  /// One that is in the same pass but has seen nothing in it.
  func part() -> RankedFloats {
    guard !isFirstPass else { return RankedFloats(percentages, of: selection) }
    var part = self
    part.lows = [Int](repeating: 0, count: lows.count)
    return part
  }

  /// Adds voxels in this pass.
  mutating func add(_ values: Span<Float>) {
    if isFirstPass {
      traits.add(values)
      var counts = highs.mutableSpan
      countHighHalves(of: values, in: &counts)
    } else if needsSecondPass {
      let places = places
      var counts = lows.mutableSpan
      countLowHalves(of: values, places: places.span, in: &counts)
    }
  }

  /// Adds what another one has counted in the same pass.
  mutating func combine(_ other: RankedFloats) {
    if isFirstPass {
      traits.combine(other.traits)
      for bin in highs.indices { highs[bin] += other.highs[bin] }
    } else if needsSecondPass {
      for index in lows.indices { lows[index] += other.lows[index] }
    }
  }

  /// Ends the pass.
  mutating func endPass() {
    if isFirstPass {
      endFirstPass()
    } else {
      needsSecondPass = false
    }
  }

  private mutating func endFirstPass() {
    isFirstPass = false
    dropUnselected()
    count = highs.reduce(0, +)
    guard count > 0, traits.hasLowHalves else {
      needsSecondPass = false
      return
    }
    let ranks = percentages.flatMap { percentage in
      let place = Self.place(of: percentage, count: count)
      return [place.rank, min(place.rank + 1, count - 1)]
    }
    bins = Set(ranks.map { bin(ofRank: $0).bin }).sorted()
    // The place after the last one stands for no place.
    places = [UInt8](repeating: UInt8(bins.count), count: Self.binCount)
    for (place, bin) in bins.enumerated() { places[bin] = UInt8(place) }
    lows = [Int](repeating: 0, count: bins.count * Self.binCount)
  }

  /// Takes the voxels that do not count out of the counts.
  private mutating func dropUnselected() {
    for bin in highs.indices where !Self.finiteBins.contains(bin) { highs[bin] = 0 }
    guard selection != .all else { return }
    highs[0x8000] -= traits.zeros
    guard selection == .positive else { return }
    for bin in 0..<0x8000 { highs[bin] = 0 }
  }

  /// The lower of the two ranks that a percentile lies between, and how far from it to the next.
  private static func place(of percentage: Double, count: Int) -> (rank: Int, fraction: Double) {
    let place = Double(count - 1) * (percentage / 100)
    let rank = min(Int(place), count - 1)
    return (rank, place - Double(rank))
  }

  /// The high half of the voxel of a rank, and the rank among the voxels that share it.
  private func bin(ofRank rank: Int) -> (bin: Int, rank: Int) {
    var rest = rank
    for bin in Self.finiteBins {
      if rest < highs[bin] { return (bin, rest) }
      rest -= highs[bin]
    }
    preconditionFailure("a rank is less than the number of voxels")
  }

  /// The intensity of a rank.
  private func value(ofRank rank: Int) -> Double {
    let (bin, rank) = bin(ofRank: rank)
    guard let place = bins.firstIndex(of: bin) else {
      // All low halves are 0; those of negative numbers are inverted.
      return Self.value(UInt32(bin) << 16 | (bin < 0x8000 ? 0xFFFF : 0))
    }
    var rest = rank
    for low in 0..<Self.binCount {
      let key = UInt32(bin) << 16 | UInt32(low)
      // Zeros share their high half with the least numbers, and were not taken out of the low halves.
      if selection != .all && key == 0x8000_0000 { continue }
      let count = lows[place * Self.binCount + low]
      if rest < count { return Self.value(key) }
      rest -= count
    }
    preconditionFailure("the second pass has the voxels of the first")
  }

  private static func value(_ key: UInt32) -> Double {
    Double(Float(bitPattern: key >= 0x8000_0000 ? key ^ 0x8000_0000 : ~key))
  }

  /// Whether the voxels that count all have the same intensity; not where there are none.
  var isConstant: Bool {
    guard count > 0 else { return false }
    let (first, last) = (bin(ofRank: 0).bin, bin(ofRank: count - 1).bin)
    // Where there is only one high half, the second pass has looked into it.
    return first == last && value(ofRank: 0) == value(ofRank: count - 1)
  }

  /// The percentiles, in the order of the percentages; empty where no voxel counts.
  ///
  /// Interpolated as numpy does, with its roundings.
  func percentiles() -> [Double] {
    guard count > 0 else { return [] }
    return percentages.map { percentage in
      let (rank, fraction) = Self.place(of: percentage, count: count)
      let (low, high) = (value(ofRank: rank), value(ofRank: min(rank + 1, count - 1)))
      let step = high - low
      return fraction < 0.5 ? low + step * fraction : high - step * (1 - fraction)
    }
  }
}
