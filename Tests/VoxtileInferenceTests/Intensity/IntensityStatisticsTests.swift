import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

@Suite("Intensity: statistics")
struct IntensityStatisticsTests {
  @Test("maps are those of numpy, and so are the voxels", arguments: try IntensityGolden.scans())
  func goldens(scan: IntensityGolden.Scan) throws {
    #expect(scan.maps.count == 14)
    let values = scan.values
    for (name, golden) in scan.maps {
      guard let golden else {
        let error = #expect(throws: VoxtileError.self, "\(name)") { try intensityMaps(name, values) }
        #expect(error?.code == .invalidOption)
        continue
      }
      let map = try intensityMaps(name, values)[0]
      #expect(Float(map.offset) == Float(golden.offset), "\(name)")
      #expect(Float(map.divisor) == Float(golden.divisor), "\(name)")
      #expect(map.lower.map { Float($0) } == golden.lower.map { Float($0) }, "\(name)")
      #expect(map.upper.map { Float($0) } == golden.upper.map { Float($0) }, "\(name)")
      #expect(map.keepsZero == golden.keepsZero, "\(name)")
      for (value, bits) in zip(values, golden.first) {
        let (found, expected) = (map(value), Float(bitPattern: bits))
        #expect(found == expected || found.isNaN && expected.isNaN, "\(name): \(value)")
      }
    }
  }

  @Test("nothing depends on how a scan is cut and shared out", arguments: Normalization.examples)
  func partitions(name: String) throws {
    var random = SplitMix64(seed: 3)
    let normalization = try #require(Normalization(name))
    let channels = (0..<3).map { channel in
      (0..<700).map { _ in
        random.next() % 4 == 0 ? 0 : Float.random(in: -1...9, using: &random) * (channel == 1 ? 1e5 : 1) + 0.1
      }
    }
    var whole = IntensityStatistics(for: normalization, channels: 3)
    whole.gather(channels, lengths: [700])
    let expected = try whole.maps()
    for lengths in [[1], [7], [1, 699], [350], [64, 1, 3]] {
      var cut = IntensityStatistics(for: normalization, channels: 3)
      cut.gather(channels, lengths: lengths)
      #expect(try cut.maps() == expected)
    }
    for jobs in [2, 3, 5] { #expect(try shared(normalization, channels, jobs: jobs) == expected) }
  }

  /// Voxels dealt out to parts like cards, and the parts combined from the last to the first.
  private func shared(
    _ normalization: Normalization, _ channels: [[Float]], jobs: Int
  ) throws -> [IntensityMap] {
    var statistics = IntensityStatistics(for: normalization, channels: channels.count)
    while statistics.needsPass {
      var parts = [IntensityStatistics](repeating: statistics.part(), count: jobs)
      for (channel, values) in channels.enumerated() {
        for job in 0..<jobs {
          let hand = stride(from: job, to: values.count, by: jobs).map { values[$0] }
          parts[job].add(hand.span, channel: channel)
        }
      }
      for part in parts.reversed() { statistics.combine(part) }
      statistics.endPass()
    }
    return try statistics.maps()
  }

  @Test("each channel has its own map")
  func channels() throws {
    let maps = try intensityMaps("minmax", [1, 3, 5], [-8, 8, 0])
    #expect(maps.map(\.offset) == [1, -8])
    #expect(maps.map(\.divisor) == [4, 16])
  }

  @Test("a scan is read as often as needed, and no second time for whole numbers up to 256")
  func passes() throws {
    for (name, passes) in [
      ("none", 0), ("window:0,1", 0), ("zscore", 1), ("minmax", 1), ("maximum", 1), ("percentiles", 2),
      ("peak", 2),
    ] {
      #expect(
        IntensityStatistics(for: try #require(Normalization(name)), channels: 1).passes == passes, "\(name)")
    }
    for (values, passes) in [([1, 2, 255, 256, -3], 1), ([1, 2, 257], 2), ([.nan, 1], 1)] as [([Float], Int)]
    {
      var statistics = IntensityStatistics(for: .percentiles(low: 0, high: 100, of: .all), channels: 2)
      statistics.add(values.span, channel: 1)
      statistics.endPass()
      #expect(statistics.passes == passes)
      #expect(statistics.needsPass == (passes == 2))
    }
  }

  @Test("voxels that come after the last pass change nothing")
  func late() throws {
    var statistics = IntensityStatistics(for: .minMax, channels: 1)
    statistics.gather([[1, 2]], lengths: [2])
    statistics.add([100].span, channel: 0)
    statistics.endPass()
    #expect(try statistics.maps() == [IntensityMap(offset: 1, divisor: 1, lower: 0, upper: 1)])
  }
}
