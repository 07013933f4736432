import Testing
import Voxtile

@Suite("Blend") struct BlendTests {
  @Test("every blend is found by its name, in the order in which people are shown them")
  func names() {
    #expect(
      Blend.all.map(\.name)
        == ["average", "gaussian", "hann", "triangular", "center", "last", "maximum", "vote"])
    for blend in Blend.all { #expect(Blend(name: blend.name)?.name == blend.name) }
    #expect(Blend(name: "mean") == nil && Blend(name: "") == nil)
  }

  @Test("means and choices have weights, votes and maxima do not")
  func properties() throws {
    let grid = try PatchGrid(over: Extent(5), patch: Extent(3), overlap: .voxels(1))
    for blend in Blend.all {
      #expect(blend.hasWeights == ((try? PatchWeights(blend: blend, grid: grid)) != nil), "\(blend)")
      #expect(blend.isMean == ["average", "gaussian", "hann", "triangular"].contains(blend.name))
    }
    let own = Blend.mean(BlendProfile("ramp") { length, _ in (1...length).map(Double.init) })
    #expect(own.name == "ramp" && own.isMean && own.hasWeights)
  }
}
