import Testing
import Voxtile

@Suite("Blend") struct BlendTests {
  @Test("every blend is found by its name, in the order in which people are shown them")
  func names() {
    #expect(
      Blend.all.map(\.name)
        == [
          "average", "gaussian", "hann", "triangular", "center", "last", "maximum", "vote", "vote:plain",
          "vote:gaussian", "vote:hann", "vote:triangular",
        ])
    for blend in Blend.all { #expect(Blend(name: blend.name)?.name == blend.name) }
    #expect(Blend(name: "mean") == nil && Blend(name: "") == nil)
  }

  @Test("means and choices have weights, votes and maxima do not")
  func properties() throws {
    let grid = try PatchGrid(over: Extent(5), patch: Extent(3), overlap: .voxels(1))
    for blend in Blend.all {
      #expect(blend.hasWeights == ((try? PatchWeights(blend: blend, grid: grid)) != nil), "\(blend)")
      #expect(blend.isVote == blend.name.hasPrefix("vote"), "\(blend)")
      #expect(blend.isMean == ["average", "gaussian", "hann", "triangular"].contains(blend.name))
    }
    let own = Blend.mean(BlendProfile("ramp") { length, _ in (1...length).map(Double.init) })
    #expect(own.name == "ramp" && own.isMean && own.hasWeights)
  }

  @Test("a Gaussian weighs no voxel less than 1e-12 of the center")
  func narrowGaussian() throws {
    let grid = try PatchGrid(
      over: Extent(width: 101, height: 1), patch: Extent(width: 101, height: 1), overlap: .voxels(0))
    let weights = try PatchWeights(profile: .gaussian(sigma: 0.01), grid: grid)
    func weight(_ x: Int) -> Double { weights.weight(at: Position(x: x, y: 0, z: 0), of: grid[0]) }
    #expect(weight(50) == 1 && weight(0) == 1e-12 && weight(100) == 1e-12)
    #expect(weight(49) > 0.6 && weight(49) < 0.62)
  }
}
