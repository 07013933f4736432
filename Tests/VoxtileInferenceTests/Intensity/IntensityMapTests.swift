import Foundation
import Testing
import VoxtileTestSupport

@testable import VoxtileInference

@Suite("Intensity: maps")
struct IntensityMapTests {
  private static let maps = [
    IntensityMap.identity, IntensityMap(offset: 3, divisor: 7),
    IntensityMap(offset: -2, divisor: 0.3, lower: 0, upper: 1),
    IntensityMap(divisor: 5, lower: 0, upper: 1.3), IntensityMap(offset: 10, divisor: 4, keepsZero: true),
    IntensityMap(offset: 1, divisor: 2, lower: -0.25, upper: 0.25, keepsZero: true),
    IntensityMap(keepsZero: true), IntensityMap(offset: 1, lower: 0), IntensityMap(offset: 1, upper: 0),
  ]

  private func apply(_ map: IntensityMap, _ values: [Float]) -> [Float] {
    var values = values
    var span = values.mutableSpan
    map.apply(to: &span)
    return values
  }

  @Test("many voxels become what each of them becomes", arguments: maps)
  func likeOne(map: IntensityMap) {
    var random = SplitMix64(seed: 7)
    let special: [Float] = [
      0, -0.0, .nan, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
    ]
    for count in 0..<40 {
      let values =
        special.shuffled(using: &random) + (0..<count).map { _ in Float.random(in: -20...20, using: &random) }
      #expect(apply(map, values).map(\.bitPattern) == values.map { map($0).bitPattern })
    }
  }

  @Test("voxels are moved, divided and clipped")
  func known() {
    let map = IntensityMap(offset: -100, divisor: 200, lower: 0, upper: 1)
    #expect(apply(map, [-1000, -100, 0, 50, 100, 3000]) == [0, 0, 0.5, 0.75, 1, 1])
    #expect(apply(IntensityMap(offset: 4, divisor: 2), [4, 8, -4]) == [0, 2, -4])
    #expect(IntensityMap(offset: 4, divisor: 2).factor == 0.5)
  }

  @Test("zeros stay 0 where they are background, whatever the bounds")
  func background() {
    let map = IntensityMap(offset: 10, divisor: 5, lower: 0.5, upper: 2, keepsZero: true)
    #expect(apply(map, [0, 10, -0.0, 15]) == [0, 0.5, 0, 1])
  }

  @Test("NaN stays NaN, and infinities are clipped where there are bounds")
  func nonFinite() {
    let clipped = apply(
      IntensityMap(offset: 1, divisor: 2, lower: 0, upper: 1), [.nan, .infinity, -.infinity])
    #expect(clipped[0].isNaN && clipped[1] == 1 && clipped[2] == 0)
    let free = apply(IntensityMap(offset: 1, divisor: 2), [.nan, .infinity, -.infinity])
    #expect(free[0].isNaN && free[1] == .infinity && free[2] == -.infinity)
  }

  @Test("a map comes back from JSON", arguments: maps)
  func json(map: IntensityMap) throws {
    let data = try JSONEncoder().encode(map)
    #expect(try JSONDecoder().decode(IntensityMap.self, from: data) == map)
  }
}
