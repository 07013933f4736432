import Testing
import VoxtileTestSupport

@testable import Voxtile

@Suite("Scores are those of other libraries") struct PeerScoreTests {
  private static let percents = [50.0, 95, 100]
  private static let tolerancesMillimeters = [0.5, 1, 2.5]

  @Test(
    "surfaces of 300 random pairs, as surface-distance and MONAI measure them",
    arguments: SurfaceDefinition.allCases)
  func surfaces(definition: SurfaceDefinition) throws {
    let goldens = try ScoreGolden.all()
    #expect(goldens.count == 300)
    for (index, golden) in goldens.enumerated() {
      let expected = definition == .mesh ? golden.mesh : golden.voxel
      let comparison = try golden.comparison()
      let distances = try comparison.surfaceDistances(of: 1, surface: definition, jobs: Jobs(1 + index % 3))
      for (percent, value) in zip(Self.percents, expected.hausdorff) {
        expectEqual(distances.hausdorffMillimeters(percent: percent), value, "case \(index), \(percent) %")
      }
      for (score, value) in zip(
        [distances.averageMillimetersFromReference, distances.averageMillimetersFromPrediction],
        expected.average)
      {
        expectEqual(score, value, "case \(index), average")
      }
      for (tolerance, value) in zip(Self.tolerancesMillimeters, expected.dice) {
        let score = distances.surfaceDice(toleranceMillimeters: tolerance)
        // The others say 0 where there was nothing to find and something was found.
        expectEqual(
          score, comparison.overlap(of: 1).emptiness == .referenceEmpty ? nil : value,
          "case \(index), \(tolerance) mm")
      }
    }
  }

  private func expectEqual(_ score: Score, _ expected: Double?, _ what: String) {
    guard let expected else {
      #expect(score.reason != nil, "\(what): \(score), not undefined")
      return
    }
    #expect(abs((score.value ?? .infinity) - expected) <= 1e-6, "\(what): \(score), not \(expected)")
  }
}
