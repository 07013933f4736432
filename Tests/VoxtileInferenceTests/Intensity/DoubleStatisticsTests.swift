import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

@Suite("Intensity: statistics of real values")
struct DoubleStatisticsTests {
  private func maps<Scalar: VoxelScalar>(
    _ name: String, _ voxels: [Scalar], scaling: VolumeInfo.Scaling? = nil, channels: Int = 1
  ) throws -> [IntensityMap] {
    let volume = try Volume(
      extent: Extent(width: 1, height: 1, depth: voxels.count / channels), channels: channels, voxels: voxels)
    return try #require(Normalization(name)).maps(of: VolumeInMemory(volume, scaling: scaling)) {}
  }

  /// Whether two numbers differ by less than 8 units in the last of 53 bits.
  private func isNear(_ found: Double, _ expected: Double) -> Bool {
    abs(found - expected) <= abs(expected) * 0x1p-49
  }

  @Test("a small deviation far from 0 is exact, in float64, in whole numbers and behind a scaling")
  func offset() throws {
    // One half of the voxels is 1, the other 3: a mean of 2 and a deviation of 1.
    let parts = (0..<1000).map { $0 % 2 == 0 ? 1 : 3 }
    for base in [0, 1e9, -4e9] {
      let map = try maps("zscore", parts.map { base + Double($0) * 0.25 })[0]
      #expect(map.offset == base + 0.5 && map.divisor == 0.25, "\(base)")
    }
    for base in [16_777_216, 2_000_000_000] {
      let map = try maps("zscore", parts.map { Int32(base + $0) })[0]
      #expect(map.offset == Double(base + 2) && map.divisor == 1)
    }
    let map = try maps("zscore", parts.map { Int16($0) }, scaling: .init(slope: 0.5, intercept: 1e8))[0]
    #expect(map.offset == 1e8 + 1 && map.divisor == 0.5)
    // No digit of a mean of whole numbers goes through Float.
    let wide = try maps("zscore", [30_000, 30_001, 30_001] as [Int16])[0]
    #expect(isNear(wide.offset, 30_000 + 2.0 / 3) && isNear(wide.divisor, 2.0.squareRoot() / 3))
  }

  @Test("range, percentiles and peak keep what Float would lose")
  func others() throws {
    let values = (0...100).map { 1e9 + Double($0) / 4 }
    let range = try maps("minmax", values.shuffled())[0]
    #expect(range.offset == 1e9 && range.divisor == 25)
    let percentiles = try maps("percentiles:10,90", values.shuffled())[0]
    #expect(isNear(percentiles.offset, 1e9 + 2.5) && abs(percentiles.divisor - 20) < 1e-6)
    #expect(try maps("maximum", values)[0].divisor == 1e9 + 25)
    #expect(isNear(try maps("peak:50,1.3", values)[0].divisor, 1e9 + 12.5))
  }

  @Test("values that Float holds have the percentiles and moments that they have in Float")
  func likeFloat() throws {
    var random = SplitMix64(seed: 11)
    for name in Normalization.examples where !name.hasSuffix("box") {
      for span in [1, 1000, 1e20] as [Float] {
        let values = (0..<500).map { _ in
          random.next() % 5 == 0 ? 0 : Float.random(in: -span...span, using: &random)
        }
        let narrow = try maps(name, values + [.nan, .infinity, -0.0])[0]
        let wide = try maps(name, (values + [.nan, .infinity, -0.0]).map(Double.init))[0]
        let range = Double(span)
        #expect(abs(narrow.offset - wide.offset) <= range * 0x1p-50, "\(name)")
        #expect(isNear(narrow.divisor, wide.divisor), "\(name)")
        #expect(narrow.keepsZero == wide.keepsZero && narrow.lower == wide.lower, "\(name)")
      }
    }
  }

  @Test("percentiles are those of the sorted values, whatever their bits")
  func ranks() throws {
    var random = SplitMix64(seed: 12)
    for turn in 0..<40 {
      let count = 2 + Int(random.next() % 60)
      let values = (0..<count).map { _ -> Double in
        let value = Double(bitPattern: random.next())
        // A few that are alike in many bits, and some with low bits of 0.
        return turn % 2 == 0
          ? 1 + Double(random.next() % 9) * 0x1p-52 : value.isFinite ? value / 4 : Double(turn)
      }
      let sorted = values.sorted()
      let percentages = [0, 100 * Double(count / 2) / Double(count - 1), 37.5, 100]
      let expected = percentages.map { percentage in
        let place = Double(count - 1) * (percentage / 100)
        let rank = min(Int(place), count - 1)
        let (low, high) = (sorted[rank], sorted[min(rank + 1, count - 1)])
        let (fraction, step) = (place - Double(rank), high - low)
        return fraction < 0.5 ? low + step * fraction : high - step * (1 - fraction)
      }
      for (percentage, expected) in zip(percentages, expected) {
        var ranks = RankedDoubles([percentage], of: .all)
        while ranks.needsPass {
          ranks.add(values.span)
          ranks.endPass()
        }
        #expect(ranks.percentiles() == [expected], "turn \(turn)")
      }
    }
  }

  @Test("a constant channel becomes 0, whatever its value")
  func constant() throws {
    for value in [0.1, 1e9 + 0.1, -3e300, .leastNonzeroMagnitude] {
      for name in ["zscore", "minmax", "percentiles"] {
        let map = try maps(name, [Double](repeating: value, count: 7))[0]
        #expect(map.offset == value && map.divisor == 1, "\(name) \(value)")
      }
    }
  }

  @Test("what has no statistics is refused, each channel by its number")
  func refused() throws {
    #expect(throws: VoxtileError.self) { try maps("zscore", [1, 2, .nan, .nan] as [Double], channels: 2) }
    #expect(throws: VoxtileError.self) { try maps("zscore", [-1e308, 1e308] as [Double]) }
    #expect(throws: VoxtileError.self) { try maps("minmax", [-1.7e308, 1.7e308] as [Double]) }
    #expect(throws: VoxtileError.self) { try maps("percentiles", [.nan] as [Double]) }
    #expect(try maps("zscore:nonzero", [0, 0] as [Double])[0] == IntensityMap(keepsZero: true))
    #expect(try maps("minmax", [-3e38, 3e38] as [Double])[0].divisor == 6e38)
    let two = try maps("minmax", [1, 3, 10, 30] as [Int32], channels: 2)
    #expect(two.map(\.offset) == [1, 10] && two.map(\.divisor) == [2, 20])
  }

  @Test("an exact sum does not depend on order and loses nothing")
  func sums() {
    var sum = ExactSum()
    for value in [1e308, 1, -1e308, 1e-300, 1e308, -1e308, .leastNonzeroMagnitude] { sum.add(value) }
    #expect(sum.divided(by: 1) == 1)
    sum.add(-1)
    #expect(sum.divided(by: 1) == 1e-300)
    var large = ExactSum()
    for _ in 0..<5 { large.add(.greatestFiniteMagnitude) }
    #expect(isNear(large.divided(by: 5), .greatestFiniteMagnitude))
    var small = ExactSum()
    for _ in 0..<3 { small.add(-.leastNonzeroMagnitude) }
    #expect(small.divided(by: 3) == -.leastNonzeroMagnitude)
  }
}
