import Testing
import Voxtile
import VoxtileCases
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("CohortData")
struct CohortDataTests {
  /// Nine cases that are alike.
  private let usual = (1...9).map { number in
    Cohort.done(
      "sub-\(number)", labels: [1: 100 + Double(number), 2: 20 - Double(number) / 10],
      disagreement: 0.01 + Double(number) / 1000)
  }

  @Test("cases that are alike do not stand out")
  func alike() {
    let data = Cohort.data(usual)
    #expect(data.rows.allSatisfy { $0.reasons.isEmpty && $0.score < 3.5 } && data.unit == "ml")
    #expect(data.labels.map(\.label) == [1, 2] && data.labels.map(\.median) == [105, 19.5])
  }

  @Test("the case farthest from the others comes first, with its reasons from the strongest on")
  func outlier() {
    let data = Cohort.data(usual + [Cohort.done("odd", labels: [1: 5, 2: 30], disagreement: 0.4)])
    #expect(data.rows[0].name == "odd" && data.rows.dropFirst().allSatisfy { $0.reasons.isEmpty })
    #expect(Set(data.rows[0].reasons.map(\.label)) == [nil, 0, 1])
    let times = data.rows[0].reasons.map(\.times.magnitude)
    #expect(times == times.sorted(by: >) && data.rows[0].score == times[0])
    #expect(data.rows[0].reasons.first { $0.label == 0 }.map { $0.times < 0 } == true)
  }

  @Test("a case that lacks a label has 0 of it, and one whose voxels have no size has an unknown volume")
  func absent() {
    let data = Cohort.data(
      usual + [
        Cohort.done("lacks", labels: [2: 19]), Cohort.done("no spacing", labels: [1: 100], spacing: nil),
      ])
    #expect(data.rows[0].name == "lacks" && data.rows[0].volumes == [0, 19])
    #expect(data.rows[0].reasons.map(\.label) == [0])
    #expect(data.rows.first { $0.name == "no spacing" }?.volumes == [nil, nil])
  }

  @Test("less disagreement than usual does not count")
  func calm() {
    let data = Cohort.data(usual + [Cohort.done("calm", labels: [1: 105, 2: 19.5], disagreement: 0)])
    #expect(data.rows.allSatisfy { $0.reasons.isEmpty })
  }

  @Test("a label that most cases lack is not compared")
  func rare() {
    let entries = (1...9).map { Cohort.done("sub-\($0)", labels: $0 == 4 ? [1: 100, 7: 3] : [1: 100]) }
    let data = Cohort.data(entries)
    #expect(data.labels.map(\.label) == [1, 7] && data.labels[1].spread == nil)
    #expect(data.rows.allSatisfy { $0.reasons.isEmpty })
  }

  @Test("fewer than five cases are not compared: most disagreement comes first")
  func few() {
    let data = Cohort.data([
      Cohort.done("a", labels: [1: 1], disagreement: 0.1),
      Cohort.done("b", labels: [1: 500], disagreement: 0.3),
      Cohort.done("c", labels: [1: 2]),
    ])
    #expect(data.rows.map(\.name) == ["b", "a", "c"] && data.rows.allSatisfy { $0.score == 0 })
    #expect(data.labels[0].spread == nil && data.disagreementSpread == nil)
  }

  @Test("cases that failed come last, with their message")
  func failures() {
    let data = Cohort.data([Cohort.failed("a", "no space left")] + usual)
    #expect(data.rows.last?.name == "a" && data.rows.last?.message == "no space left")
    #expect(data.rows.last?.volumes == [] && data.rows.count == 10)
  }

  @Test("scores are the distance that is documented, computed slowly")
  func distances() throws {
    for var random in SplitMix64.cases(60, from: 91) {
      let volumes = (0..<Int.random(in: 5...40, using: &random)).map { _ in
        Double.random(in: 50...(Bool.random(using: &random) ? 80 : 300), using: &random).rounded()
      }
      let data = Cohort.data(
        volumes.enumerated().map { Cohort.done("sub-\($0)", labels: [1: $1]) })
      let sorted = volumes.sorted()
      let median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
      let away = volumes.map { abs($0 - median) }.sorted()
      let deviation = (away[(away.count - 1) / 2] + away[away.count / 2]) / 2
      let spread = max(1.4826 * deviation, 0.02 * median)
      for row in data.rows {
        let volume = try #require(row.volumes[0])
        let expected = abs(volume - median) / spread
        #expect(abs(row.score - expected) <= 1e-3 * max(1, expected), "\(random)")
        #expect(row.reasons.isEmpty == !(row.score > 3.5), "\(random)")
      }
      #expect(data.rows.map(\.score) == data.rows.map(\.score).sorted(by: >), "\(random)")
    }
  }

  @Test("of more labels than a page shows, those that have most are kept, in order")
  func manyLabels() {
    let labels = Dictionary(uniqueKeysWithValues: (1...100).map { ($0, Double($0)) })
    let data = Cohort.data((1...6).map { Cohort.done("sub-\($0)", labels: labels) })
    #expect(data.labels.map(\.label) == Array(37...100) && data.labelsLeftOut == 36)
    #expect(data.rows.allSatisfy { $0.volumes == (37...100).map { Double($0) } })
  }

  @Test(
    "numbers are shortened to digits that a page can show",
    arguments: [
      (0.0, 0.0), (0.012345678, 0.012346), (1487.26, 1487.3), (123456.7, 123457), (-3.333333, -3.3333),
    ])
  func short(value: Double, shown: Double) {
    #expect(CohortData.short(value) == shown)
  }
}
