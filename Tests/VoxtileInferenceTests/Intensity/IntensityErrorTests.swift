import Testing
import Voxtile

@testable import VoxtileInference

@Suite("Intensity: channels that cannot be normalized")
struct IntensityErrorTests {
  private func failure(_ name: String, _ channels: [Float]...) throws -> VoxtileError? {
    var statistics = IntensityStatistics(for: try #require(Normalization(name)), channels: channels.count)
    statistics.gather(channels, lengths: [100])
    let gathered = statistics
    let error = #expect(throws: VoxtileError.self) { try gathered.maps() }
    #expect(error?.code == .invalidOption)
    return error
  }

  @Test("a peak needs a voxel above 0, and the message names the channel")
  func peak() throws {
    let message = try failure("peak", [1, 2], [0, -1, .infinity])?.message
    #expect(
      message
        == "channel 1 has no voxel above 0 (none of them is), and peak:99,1.3 divides by one; use zscore or "
        + "minmax, or leave the channel out")
  }

  @Test("a largest value that is not above 0 divides nothing")
  func maximum() throws {
    #expect(try failure("maximum", [-5, -2])?.message.contains("the largest is -2.0") == true)
    #expect(try failure("maximum", [0, 0])?.message.contains("channel 0") == true)
  }

  @Test("percentiles that are the same have no range, unless the channel is constant")
  func percentiles() throws {
    let mostly = [Float](repeating: 0, count: 999) + [7.3]
    #expect(
      try failure("percentiles:1,99", mostly)?.message
        == "channel 0 has the value 0.0 at both percentiles, 1.0 and 99.0, of its voxels, so that percentiles:1,99 has "
        + "no range; use percentiles further apart, percentiles of nonzero voxels, or minmax")
    #expect(try intensityMaps("percentiles:1,99", [7.3, 7.3, .nan])[0](7.3) == 0)
    #expect(try intensityMaps("percentiles:1,99", [0, -0.0])[0](0) == 0)
  }

  @Test(
    "a channel without a finite voxel has no statistics",
    arguments: ["zscore", "minmax", "maximum", "percentiles"])
  func nothing(name: String) throws {
    #expect(try failure(name, [.nan, .infinity])?.message.contains("channel 0 has no finite voxel") == true)
    #expect(try failure(name, [])?.context.found == "none")
  }

  @Test("a range that float32 does not have is refused")
  func range() throws {
    #expect(try failure("minmax", [-3e38, 3e38])?.message.contains("from -3") == true)
    #expect(
      try failure("percentiles:0,100", [-3e38, 3e38])?.message.contains("a range that float32") == true)
  }

  @Test("a constant channel becomes 0, and one of background stays")
  func constant() throws {
    for name in ["zscore", "zscore:nonzero", "minmax", "percentiles", "percentiles:nonzero"] {
      #expect(try intensityMaps(name, [42.25, 42.25])[0](42.25) == 0, "\(name)")
    }
    for name in ["zscore:nonzero", "percentiles:nonzero"] {
      #expect(try intensityMaps(name, [0, -0.0, .nan])[0] == IntensityMap(keepsZero: true), "\(name)")
    }
  }
}
