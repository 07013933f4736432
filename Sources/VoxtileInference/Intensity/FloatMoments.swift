/// The sum of intensities and of their squares, without any rounding.
///
/// A sum of floating-point numbers depends on its order, and so on how a scan is cut into slabs. Here the 24 bits of
/// each significand, and the 48 of its square, are added up as integers, apart for each sign and exponent; mean and
/// variance are made of them at the end by integers that are wide enough, so the only roundings are those of the
/// result. A mean of 1e9 with a deviation of 1e-3 is as exact as any other.
struct FloatMoments: Sendable {
  /// One sum for each sign and exponent, the first nine bits of a number.
  private static let binCount = 512

  private var voxels = 0
  private var counts = [Int](repeating: 0, count: binCount)
  private var sums = [UInt128](repeating: 0, count: binCount)
  private var squares = [UInt128](repeating: 0, count: binCount)

  /// Adds voxels.
  mutating func add(_ values: Span<Float>) {
    var start = 0
    while start < values.count {
      // A square has less than 48 bits, so 2^16 of them fit into one word; there are two lanes.
      let end = min(values.count, start + 2 << 16)
      addBlock(values.extracting(start..<end))
      start = end
    }
    voxels += values.count
  }

  /// Adds what another one has counted.
  mutating func combine(_ other: FloatMoments) {
    voxels += other.voxels
    for bin in 0..<Self.binCount {
      counts[bin] += other.counts[bin]
      sums[bin] += other.sums[bin]
      squares[bin] += other.squares[bin]
    }
  }

  private mutating func addBlock(_ values: Span<Float>) {
    // Neighboring voxels mostly have the same exponent; with a lane for each half, an addition need not wait for the one before.
    let half = values.count / 2
    var (first, second) = (MomentLane(repeating: 0), MomentLane(repeating: 0))
    addMoments(values.extracting(0..<half), values.extracting(half..<2 * half), to: &first, &second)
    if values.count > 2 * half { addMoment(values[2 * half], to: &first) }
    addLane(first)
    addLane(second)
  }

  private mutating func addLane(_ lane: MomentLane) {
    for bin in 0..<Self.binCount {
      counts[bin] += Int(lane[2 * bin] >> 42)
      sums[bin] += UInt128(lane[2 * bin] & (1 << 42 - 1))
      squares[bin] += UInt128(lane[2 * bin + 1])
    }
  }
}

extension FloatMoments {
  /// Mean and deviation of a number of voxels.
  struct Result: Hashable {
    /// The number of voxels, at least 1.
    var count: Int
    /// Their mean, to the last bit but one.
    var mean: Double
    /// Their standard deviation, that of the population, to the last bit but one.
    var deviation: Double
  }

  /// The exponent of infinity and NaN.
  private static let nonFinite = 255

  /// Mean and deviation of the finite voxels, or `nil` where there are none.
  func result(of selection: Normalization.Voxels) -> Result? {
    var (count, nonZeroCount, others) = (0, 0, 0)
    var (positive, negative, squareSum) = (WideInteger(), WideInteger(), WideInteger())
    for bin in 0..<Self.binCount {
      let exponent = bin & 255
      guard exponent != Self.nonFinite else {
        others += counts[bin]
        continue
      }
      nonZeroCount += counts[bin]
      // In units of 2^-149 and 2^-298; subnormal numbers have the exponent of the least normal ones.
      let shift = max(exponent, 1) - 1
      if bin < 256 { positive.add(sums[bin], shiftedLeft: shift) }
      if bin >= 256 { negative.add(sums[bin], shiftedLeft: shift) }
      squareSum.add(squares[bin], shiftedLeft: 2 * shift)
    }
    count = selection == .nonZero ? nonZeroCount : voxels - others
    guard count > 0 else { return nil }
    let isNegative = positive < negative
    let sum = isNegative ? negative - positive : positive - negative
    // count^2 times the variance, an integer that is never negative.
    let spread = WideInteger(UInt128(count)) * squareSum - sum * sum
    let mean = sum.double * 0x1p-149 / Double(count)
    return Result(
      count: count, mean: isNegative ? -mean : mean,
      deviation: (spread.double * 0x1p-298).squareRoot() / Double(count))
  }
}

/// For each sign and exponent a word with a count above 42 bits of a sum, and a word with a sum of squares.
private typealias MomentLane = InlineArray<1024, UInt64>

@inline(never)
private func addMoments(
  _ one: Span<Float>, _ two: Span<Float>, to first: inout MomentLane, _ second: inout MomentLane
) {
  for index in 0..<min(one.count, two.count) {
    addMoment(one[index], to: &first)
    addMoment(two[index], to: &second)
  }
}

@inline(__always)
private func addMoment(_ value: Float, to lane: inout MomentLane) {
  let bits = value.bitPattern
  let bin = Int(bits >> 23)
  let hidden: UInt32 = bits & 0x7F80_0000 == 0 ? 0 : 1 << 23
  let significand = UInt64(bits & 0x7F_FFFF | hidden)
  lane[2 * bin] &+= significand | (significand == 0 ? 0 : 1 << 42)
  lane[2 * bin + 1] &+= significand &* significand
}
