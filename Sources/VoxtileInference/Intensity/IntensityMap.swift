/// A normalization with its numbers, for one channel: a subtraction, a division, and a clip.
///
/// A voxel `v` becomes `(v - offset) / divisor`, and is then clipped. Those of a network are computed in `Float`, as networks are
/// trained, with the numbers of the map rounded to `Float`. A division rather than a product, so that the largest value becomes
/// exactly 1 and numpy has the same bits. NaN stays NaN; an infinite voxel is clipped where there is a bound, and stays infinite
/// where there is none.
package struct IntensityMap: Hashable, Sendable, Codable {
  /// The intensity that becomes 0.
  package var offset: Double
  /// The difference of intensities that becomes 1; not 0.
  package var divisor: Double
  /// The least result, or `nil` where there is none.
  package var lower: Double?
  /// The largest result, or `nil` where there is none.
  package var upper: Double?
  /// Whether voxels that are 0 stay 0, whatever the offset is.
  package var keepsZero: Bool

  /// Creates a map.
  ///
  /// - Parameters:
  ///   - offset: the intensity that becomes 0; finite.
  ///   - divisor: the difference of intensities that becomes 1; finite and not 0.
  ///   - lower: the least result.
  ///   - upper: the largest result.
  ///   - keepsZero: whether voxels that are 0 stay 0.
  init(
    offset: Double = 0, divisor: Double = 1, lower: Double? = nil, upper: Double? = nil,
    keepsZero: Bool = false
  ) {
    precondition(
      divisor != 0 && divisor.isFinite && offset.isFinite,
      "a map divides by \(divisor) and adds \(offset): not finite, or a division by 0")
    self.offset = offset
    self.divisor = divisor
    self.lower = lower
    self.upper = upper
    self.keepsZero = keepsZero
  }

  /// Whether the numbers can be computed with; those of a file may be any.
  var isUsable: Bool {
    offset.isFinite && divisor.isFinite && Float(divisor) != 0
      && [lower, upper].compactMap(\.self).allSatisfy(\.isFinite)
  }

  /// The map that changes nothing.
  static let identity = IntensityMap()

  /// What a difference of intensities is multiplied by: one divided by the divisor.
  var factor: Double { 1 / divisor }

  /// The normalized intensity of one voxel.
  func callAsFunction(_ value: Float) -> Float {
    let (least, largest) = bounds
    let mapped = (value - Float(offset)) / Float(divisor)
    // Both comparisons are false for NaN, which passes.
    let raised = mapped < least ? least : mapped
    let clipped = raised > largest ? largest : raised
    return keepsZero && value == 0 ? 0 : clipped
  }

  /// Normalizes voxels in place.
  ///
  /// - Complexity: O(count), at about the speed of memory; nothing at all for ``identity``.
  func apply(to values: inout MutableSpan<Float>) {
    let (least, largest) = bounds
    if keepsZero {
      mapIntensitiesButZero(&values, Float(offset), Float(divisor), least, largest)
    } else if self != .identity {
      mapIntensities(&values, Float(offset), Float(divisor), least, largest)
    }
  }

  private var bounds: (least: Float, largest: Float) {
    (lower.map { Float($0) } ?? -.infinity, upper.map { Float($0) } ?? .infinity)
  }
}

@inline(never)
private func mapIntensities(
  _ values: inout MutableSpan<Float>, _ offset: Float, _ divisor: Float, _ least: Float, _ largest: Float
) {
  for index in 0..<values.count {
    let mapped = (values[index] - offset) / divisor
    let raised = mapped < least ? least : mapped
    values[index] = raised > largest ? largest : raised
  }
}

@inline(never)
private func mapIntensitiesButZero(
  _ values: inout MutableSpan<Float>, _ offset: Float, _ divisor: Float, _ least: Float, _ largest: Float
) {
  for index in 0..<values.count {
    let value = values[index]
    let mapped = (value - offset) / divisor
    let raised = mapped < least ? least : mapped
    let clipped = raised > largest ? largest : raised
    values[index] = value == 0 ? 0 : clipped
  }
}
