/// What is counted beside the percentiles of some voxels.
struct IntensityTraits: Sendable {
  /// The voxels that are 0.
  private(set) var zeros = 0
  private var union: UInt32 = 0

  /// Whether any voxel has bits in its low half.
  var hasLowHalves: Bool { union & 0xFFFF != 0 }

  /// Adds voxels.
  @inline(never)
  mutating func add(_ values: Span<Float>) {
    var (zeros, union) = (0, UInt32(0))
    for index in 0..<values.count {
      zeros &+= values[index] == 0 ? 1 : 0
      union |= values[index].bitPattern
    }
    self.zeros += zeros
    self.union |= union
  }

  /// Adds what another one has counted.
  mutating func combine(_ other: IntensityTraits) {
    zeros += other.zeros
    union |= other.union
  }
}

/// The bits of a number, ordered like the numbers; those of negative ones are inverted.
@inline(__always)
private func orderedBits(_ value: Float) -> UInt32 {
  // The sum turns -0 into 0.
  let bits = (value + 0).bitPattern
  return bits ^ (UInt32(bitPattern: Int32(bitPattern: bits) >> 31) | 0x8000_0000)
}

/// Counts the high halves of the ordered bits.
@inline(never)
func countHighHalves(of values: Span<Float>, in counts: inout MutableSpan<Int>) {
  precondition(counts.count == 1 << 16, "there are \(counts.count) counts, not one for each 16-bit value")
  for index in 0..<values.count { counts[Int(orderedBits(values[index]) >> 16)] &+= 1 }
}

/// Counts the low halves of the ordered bits of voxels whose high half has a place.
///
/// - Parameters:
///   - places: for each high half its place; one without counts is skipped.
///   - counts: 2^16 counts for each place.
@inline(never)
func countLowHalves(of values: Span<Float>, places: Span<UInt8>, in counts: inout MutableSpan<Int>) {
  precondition(places.count == 1 << 16, "there are \(places.count) places, not one for each 16-bit value")
  for index in 0..<values.count {
    let bits = orderedBits(values[index])
    let place = Int(places[Int(bits >> 16)]) << 16 | Int(bits & 0xFFFF)
    if place < counts.count { counts[place] &+= 1 }
  }
}
