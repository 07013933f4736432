import Testing
import VoxtileTestSupport

@testable import Voxtile

@Suite("Random numbers of samples") struct SampleRandomTests {
  @Test("are SplitMix64's, and bounded ones are its high halves")
  func values() {
    var zero = SampleRandom(state: 0)
    #expect(
      (0..<3).map { _ in zero.next() } == [
        0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F,
      ])
    var one = SampleRandom(state: 1)
    #expect((0..<2).map { _ in one.next() } == [0x910A_2DEC_8902_5CC1, 0xBEEB_8DA1_658E_EC67])
    var bounded = SampleRandom(state: 0)
    #expect((0..<6).map { _ in bounded.bounded(10) } == [8, 4, 0, 9, 1, 3])
  }

  @Test("names are hashed by FNV-1a")
  func hashes() {
    #expect(SampleRandom.hash(of: "") == 0xCBF2_9CE4_8422_2325)
    #expect(SampleRandom.hash(of: "a") == 0xAF63_DC4C_8601_EC8C)
    #expect(SampleRandom.hash(of: "foobar") == 0x8594_4171_F739_67E8)
  }

  @Test("differ with seed, name, number and stream, and never change")
  func starts() {
    func first(_ seed: UInt64, _ name: String, _ number: UInt64, _ stream: SampleRandom.Stream) -> UInt64 {
      var random = SampleRandom(seed: seed, name: SampleRandom.hash(of: name), number: number, stream: stream)
      return random.next()
    }
    let values = [
      first(1, "a", 0, .patch), first(2, "a", 0, .patch), first(1, "b", 0, .patch), first(1, "a", 1, .patch),
      first(1, "a", 0, .cover),
    ]
    #expect(Set(values).count == values.count)
    // What these are has no meaning, but every sample depends on them.
    #expect(values[0] == 17_802_253_187_006_904_562)
  }

  @Test("bounded numbers are all as likely, where many bits are rejected too")
  func uniform() {
    var random = SampleRandom(state: 5)
    for count in [1, 2, 3, 7, 100] {
      var counts = [Int](repeating: 0, count: count)
      for _ in 0..<20_000 { counts[random.bounded(count)] += 1 }
      #expect(isPlausible(counts, probabilities: counts.map { _ in 1 / Double(count) }), "\(count)")
    }
    // Nearly half of all numbers are rejected.
    let large = Int.max / 2 + 2
    #expect((0..<100).allSatisfy { _ in (0..<large).contains(random.bounded(large)) })
  }
}

/// Whether counts may come from probabilities: the chi-squared test at 1 in 10,000. A count of what cannot be is not plausible.
func isPlausible(_ counts: [Int], probabilities: [Double]) -> Bool {
  let total = Double(counts.reduce(0, +))
  var (statistic, cells) = (0.0, 0)
  for (count, probability) in zip(counts, probabilities) {
    guard probability > 0 else {
      if count > 0 { return false }
      continue
    }
    let expected = total * probability
    statistic += (Double(count) - expected) * (Double(count) - expected) / expected
    cells += 1
  }
  guard cells > 1 else { return true }
  // Wilson and Hilferty's approximation of the quantile.
  let freedom = Double(cells - 1)
  let root = 1 - 2 / (9 * freedom) + 3.719 * (2 / (9 * freedom)).squareRoot()
  return statistic <= freedom * root * root * root
}
