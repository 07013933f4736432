import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileCases

@Suite("Shares of many scans")
struct CasePartTests {
  @Test("every scan is in exactly one part, whoever works it out")
  func division() throws {
    for var random in SplitMix64.cases(60, from: 5) {
      let costs = (0..<Int.random(in: 0...40, using: &random)).map { _ in
        Bool.random(using: &random) ? Int.random(in: 0...9, using: &random) : 7
      }
      for count in 1...12 {
        let shares = try (1...count).map { try CasePart($0, of: count).share(of: costs) }
        #expect(shares.flatMap(\.self).sorted() == Array(costs.indices), "\(random)")
        #expect(shares.allSatisfy { $0 == $0.sorted() }, "\(random)")
      }
    }
  }

  @Test("no part costs more than another and the costliest scan together")
  func balance() throws {
    for var random in SplitMix64.cases(60, from: 6) {
      let costs = (0..<30).map { _ in Int.random(in: 1...1000, using: &random) }
      for count in 1...8 {
        let sums = try (1...count).map {
          try CasePart($0, of: count).share(of: costs).reduce(0) { $0 + costs[$1] }
        }
        let spread = (sums.max() ?? 0) - (sums.min() ?? 0)
        #expect(spread <= (costs.max() ?? 0), "\(random)")
      }
    }
    // By cost, not by count: one scan is as much as three others.
    #expect(try CasePart(1, of: 2).share(of: [1, 1, 3, 1]) == [2])
    #expect(try CasePart(2, of: 2).share(of: [1, 1, 3, 1]) == [0, 1, 3])
  }

  @Test("parts that do not exist are refused")
  func bounds() throws {
    for (number, count) in [(0, 4), (5, 4), (-1, 4), (1, 0), (0, 0), (Int.max, 3)] {
      expectRefusal(.invalidOption, "part \(number) of \(count)") { _ = try CasePart(number, of: count) }
    }
    #expect(try CasePart(4, of: 4).description == "4/4" && CasePart.whole.isWhole)
  }

  @Test("costs of any size do not overflow, and scans that cost nothing are shared out, too")
  func extremes() throws {
    let huge = [Int](repeating: .max, count: 5)
    let shares = try (1...2).map { try CasePart($0, of: 2).share(of: huge).count }
    #expect(shares.reduce(0, +) == 5)
    #expect(try CasePart(1, of: 3).share(of: [0, 0, 0]) == [0])
  }
}
