import Testing
import VoxtileTestSupport

@testable import VoxtileInference

@Suite("Intensity: exact moments")
struct FloatMomentsTests {
  private func result(_ values: [Float], of voxels: Normalization.Voxels = .all) -> FloatMoments.Result? {
    var moments = FloatMoments()
    moments.add(values.span)
    return moments.result(of: voxels)
  }

  /// Whether two numbers differ by less than 4 units in the last of 53 bits.
  private func isNear(_ found: Double?, _ expected: Double) -> Bool {
    guard let found else { return false }
    return abs(found - expected) <= abs(expected) * 0x1p-50
  }

  @Test("mean and deviation are those of numpy", arguments: try IntensityGolden.scans())
  func goldens(scan: IntensityGolden.Scan) throws {
    let (all, nonZero) = (try #require(scan.maps["zscore"]), try #require(scan.maps["zscore:nonzero"]))
    let found = result(scan.values)
    #expect((found == nil) == (all == nil))
    for (golden, found) in [(all, found), (nonZero, result(scan.values, of: .nonZero))] {
      guard let golden, let found else { continue }
      #expect(isNear(found.mean, golden.offset))
      #expect(Float(found.deviation) == 0 || isNear(found.deviation, golden.divisor))
    }
  }

  @Test("a small deviation far from 0 loses nothing")
  func offset() {
    // Half of the voxels lie one unit of the last place above the others.
    for base in [1e4, 1e9, 1e30, -1e4, Float(bitPattern: 77_777)] as [Float] {
      let values = (0..<1000).map { $0 % 2 == 0 ? base : base.nextUp }
      let found = result(values)
      let unit = Double(base.nextUp) - Double(base)
      #expect(isNear(found?.mean, Double(base) + unit / 2))
      #expect(isNear(found?.deviation, unit / 2))
    }
  }

  @Test("the deviation of equal voxels is exactly 0")
  func equal() {
    for value in [0.1, -7.3e12, Float(bitPattern: 7), 3e38, 0] as [Float] {
      let found = result([Float](repeating: value, count: 1001))
      #expect(found?.deviation == 0)
      #expect(isNear(found?.mean, Double(value)))
    }
  }

  @Test("as many large voxels as do not fit into one word are still added exactly")
  func many() {
    let count = 5 << 16 + 1
    let largest = Float.greatestFiniteMagnitude
    let found = result([Float](repeating: largest, count: count) + [Float](repeating: -largest, count: count))
    #expect(found == FloatMoments.Result(count: 2 * count, mean: 0, deviation: Double(largest)))
  }

  @Test("voxels that are not finite, and zeros where they are background, do not count")
  func left() {
    let values: [Float] = [.nan, 1, 0, .infinity, 3, -0.0, -.infinity, -.nan, .leastNonzeroMagnitude]
    #expect(result(values)?.count == 5)
    #expect(result(values, of: .nonZero)?.count == 3)
    #expect(result([0, -0.0, .nan], of: .nonZero) == nil)
    #expect(result([0, -0.0, .nan]) == FloatMoments.Result(count: 2, mean: 0, deviation: 0))
    #expect(result([.infinity]) == nil)
    #expect(result([]) == nil)
  }
}
