import Testing
import Voxtile

@Suite("Grid settings") struct GridSettingsTests {
  @Test("one overlap and one policy stand for all axes")
  func shorthand() {
    let short = GridSettings(patch: Extent(8), overlap: .voxels(2), edge: .discard)
    let long = GridSettings(
      patch: Extent(8), overlap: PerAxis(.voxels(2)), edge: PerAxis(x: .discard, y: .discard, z: .discard))
    #expect(short == long)
  }

  @Test("the defaults lose nothing, and number patches as voxels lie in memory")
  func defaults() {
    let settings = GridSettings(patch: Extent(8), overlap: .voxels(2))
    #expect(settings.edge == PerAxis(.shift))
    #expect(settings.order == .xFastest)
    #expect(settings.padding == .constant(0))
  }

  @Test("a patch one slice thick shares nothing across it")
  func thinPatch() {
    let settings = GridSettings(patch: Extent(width: 96, height: 96), overlap: .voxels(32))
    #expect(settings.overlap == PerAxis(x: .voxels(32), y: .voxels(32), z: .voxels(0)))
  }
}
