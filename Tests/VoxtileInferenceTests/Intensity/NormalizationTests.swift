import Testing
import VoxtileInference

@Suite("Intensity: names of normalizations")
struct NormalizationTests {
  @Test(
    "a name is read as what it says, and written as it was",
    arguments: [
      ("none", Normalization.none), ("zscore", .zScore(of: .all)), ("zscore:nonzero", .zScore(of: .nonZero)),
      ("zscore:box", .zScore(of: .box)), ("percentiles:1,99:box", .percentiles(low: 1, high: 99, of: .box)),
      ("ct:-991,362,-1.5,214.5", .ct(low: -991, high: 362, mean: -1.5, deviation: 214.5)),
      ("minmax", .minMax), ("maximum", .maximum),
      ("percentiles:0.5,99.5", .percentiles(low: 0.5, high: 99.5, of: .all)),
      ("percentiles:0,100:nonzero", .percentiles(low: 0, high: 100, of: .nonZero)),
      ("window:-160,240", .window(low: -160, high: 240)),
      ("window:-0.125,1e+20", .window(low: -0.125, high: 1e20)),
      ("peak:99,1.3", .peak(percentile: 99, limit: 1.3)),
      ("peak:100,0.1", .peak(percentile: 100, limit: 0.1)),
    ])
  func roundTrip(name: String, normalization: Normalization) {
    #expect(Normalization(name) == normalization)
    #expect(normalization.description == name)
  }

  @Test("numbers that are left out are the usual ones")
  func usual() {
    #expect(Normalization("peak") == .peak(percentile: 99, limit: 1.3))
    #expect(Normalization("percentiles") == .percentiles(low: 0.5, high: 99.5, of: .all))
    #expect(Normalization("percentiles:nonzero") == .percentiles(low: 0.5, high: 99.5, of: .nonZero))
  }

  @Test("every example is the name of a normalization")
  func examples() {
    for example in Normalization.examples { #expect(Normalization(example)?.description == example) }
  }

  @Test(
    "what is no name, or has numbers outside their ranges, is refused",
    arguments: [
      "", "zScore", "zscore:", "zscore:all", "zscore:1", "zscore:nonzero:nonzero", "none:nonzero",
      "minmax:0,1",
      "maximum:1", "minmax:nonzero", "percentiles:5", "percentiles:5,", "percentiles:5,5", "percentiles:95,5",
      "percentiles:-1,99", "percentiles:1,100.5", "percentiles:nan,99", "percentiles:1,nan",
      "percentiles:1,inf",
      "percentiles:1,99,100", "percentiles:1,99:all", "percentiles:1,99:nonzero:nonzero", "window",
      "window:1",
      "window:1,1", "window:2,1", "window:nan,1", "window:1,nan", "window:-inf,1", "window:0,inf",
      "window:0,1e300",
      "window:-3e38,3e38", "window:0,1e-60", "window:0,1:nonzero", "peak:99", "peak:101,1", "peak:-1,1",
      "peak:99,0",
      "peak:99,-1", "peak:99,nan", "peak:nan,1", "peak:99,inf", "peak:99,1e300", "peak:99,1e-60",
      "peak:99,1:nonzero", "zscore:box:nonzero", "minmax:box", "ct", "ct:1,2", "ct:1,2,3", "ct:2,1,0,1",
      "ct:1,2,0,0",
      "ct:1,2,0,-1", "ct:1,2,nan,1", "ct:1,2,0,1,1", "ct:1,2,0,1e300", "ct:1,2,0,1:box",
      "window: 1,2", "none ",
    ])
  func refused(name: String) {
    #expect(Normalization(name) == nil)
  }
}
