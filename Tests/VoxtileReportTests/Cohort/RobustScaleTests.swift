import Testing
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("RobustScale")
struct RobustScaleTests {
  @Test("the median and the spread of known numbers")
  func known() throws {
    let scale = try #require(RobustScale(of: [1, 2, 3, 4, 100]))
    #expect(scale.median == 3 && abs(scale.spread - 1.4826) < 1e-12)
    #expect(abs(scale.distance(of: 100) - 97 / 1.4826) < 1e-9 && scale.distance(of: 1) < 0)
    #expect(RobustScale.median(of: [4, 1, 3, 2]) == 2.5 && RobustScale.median(of: [7]) == 7)
  }

  @Test("half as many numbers that are anything at all leave median and spread among the others")
  func robust() throws {
    for var random in SplitMix64.cases(200, from: 77) {
      let usual = (0..<Int.random(in: 11...60, using: &random)).map { _ in
        Double.random(in: 90...110, using: &random)
      }
      let far = (0..<usual.count / 2).map { _ in Double.random(in: -1e9...1e9, using: &random) }
      let scale = try #require(RobustScale(of: usual + far))
      #expect((90...110).contains(scale.median) && scale.spread <= 1.4826 * 20, "\(random)")
    }
  }

  @Test("fewer than five numbers, and numbers most of which are 0, have no scale")
  func none() {
    #expect(RobustScale(of: [1, 2, 3, 4]) == nil)
    #expect(RobustScale(of: [0, 0, 0, 0, 0, 8, 9], leastShare: 0.02) == nil)
    #expect(RobustScale(of: []) == nil)
  }

  @Test("a spread is not less than the least one")
  func least() throws {
    #expect(try #require(RobustScale(of: [100, 100, 100, 100, 103], leastShare: 0.02)).spread == 2)
    #expect(try #require(RobustScale(of: [0, 0, 0, 0, 0], least: 0.5)).spread == 0.5)
  }
}
