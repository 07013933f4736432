/// The least and the largest finite intensity of the voxels seen so far.
///
/// Kept as integers in the order of the numbers: a minimum of integers need not look for NaN, so its loop is vectorized.
struct IntensityRange: Sendable {
  private var least = Int32.max
  private var largest = Int32.min

  /// The range, or `nil` before any finite voxel.
  var values: ClosedRange<Float>? {
    guard least <= largest else { return nil }
    // The sum turns -0 into 0.
    return Self.value(least) + 0...Self.value(largest) + 0
  }

  /// Adds voxels.
  @inline(never)
  mutating func add(_ values: Span<Float>) {
    var (least, largest) = (least, largest)
    for index in 0..<values.count {
      let bits = Int32(bitPattern: values[index].bitPattern)
      let key = Self.key(bits)
      let isFinite = bits & 0x7FFF_FFFF < 0x7F80_0000
      least = min(least, isFinite ? key : .max)
      largest = max(largest, isFinite ? key : .min)
    }
    (self.least, self.largest) = (least, largest)
  }

  /// Adds what another one has counted.
  mutating func combine(_ other: IntensityRange) {
    least = min(least, other.least)
    largest = max(largest, other.largest)
  }

  /// Inverts all bits but the sign of a negative number; done twice, it gives the number back.
  @inline(__always)
  private static func key(_ bits: Int32) -> Int32 { bits ^ (bits >> 31 & 0x7FFF_FFFF) }

  private static func value(_ key: Int32) -> Float {
    Float(bitPattern: UInt32(bitPattern: Self.key(key)))
  }
}
