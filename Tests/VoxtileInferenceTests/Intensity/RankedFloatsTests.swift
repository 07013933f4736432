import Testing
import VoxtileTestSupport

@testable import VoxtileInference

@Suite("Intensity: percentiles")
struct RankedFloatsTests {
  private func percentiles(
    _ values: [Float], _ percentages: [Double], of selection: RankedFloats.Selection
  ) -> [Double] {
    var ranks = RankedFloats(percentages, of: selection)
    while ranks.needsSecondPass {
      ranks.add(values.span)
      ranks.endPass()
    }
    return ranks.percentiles()
  }

  /// The definition: sorted, and a straight line between neighbors.
  private func sorted(
    _ values: [Float], _ percentage: Double, of selection: RankedFloats.Selection
  ) -> Double {
    let sorted = values.filter { $0.isFinite && isSelected($0, selection) }.map { Double($0) }.sorted()
    let place = percentage / 100 * Double(sorted.count - 1)
    let (lower, upper) = (sorted[Int(place.rounded(.down))], sorted[Int(place.rounded(.up))])
    return lower + (upper - lower) * (place - place.rounded(.down))
  }

  private func isSelected(_ value: Float, _ selection: RankedFloats.Selection) -> Bool {
    switch selection {
    case .all: true
    case .nonZero: value != 0
    case .positive: value > 0
    }
  }

  @Test(
    "percentiles are those of the sorted voxels",
    arguments: [RankedFloats.Selection.all, .nonZero, .positive])
  func likeSorted(selection: RankedFloats.Selection) {
    var random = SplitMix64(seed: 11)
    let special: [Float] = [
      0, -0.0, .nan, -.nan, .infinity, -.infinity, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
      .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1, Float(1).nextUp, -1,
    ]
    for round in 0..<12 {
      let scale = Float([1, 0.01, 1e-3, 1e3][round % 4])
      let values =
        (0..<40).map { _ in Float.random(in: -9...9, using: &random) * scale } + special.prefix(round + 2) + [
          2, 3,
        ]
      let percentages = [0, 100, Double.random(in: 0...100, using: &random), 50]
      for (found, percentage) in zip(percentiles(values, percentages, of: selection), percentages) {
        let expected = sorted(values, percentage, of: selection)
        #expect(abs(found - expected) <= 1e-12 * abs(expected), "\(percentage)")
      }
    }
  }

  @Test("neighbors that differ in the last bit are told apart")
  func lastBit() {
    let values = [Float(1000), Float(1000).nextUp, Float(1000).nextUp.nextUp]
    #expect(percentiles(values, [0, 50, 100], of: .all) == values.map { Double($0) })
  }

  @Test("equal values are every percentile")
  func single() {
    for value in [-0.1, 5, Float(bitPattern: 7)] as [Float] {
      #expect(percentiles([value], [0, 33, 100], of: .all) == [Double](repeating: Double(value), count: 3))
    }
  }

  @Test("no voxel has no percentiles")
  func empty() {
    #expect(percentiles([], [50], of: .all) == [])
    #expect(percentiles([0, -0.0, .nan], [50], of: .nonZero) == [])
    #expect(percentiles([0, -1, .infinity], [50], of: .positive) == [])
  }
}
