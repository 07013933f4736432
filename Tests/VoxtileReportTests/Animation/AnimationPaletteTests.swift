import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("AnimationPalette")
struct AnimationPaletteTests {
  private func tints(_ count: Int, share: Double = 0.55) -> [AnimationOverlay.Tint] {
    (0..<count).map { AnimationOverlay.Tint(color: VolumeInfo.Color(ofLabel: $0), share: share) }
  }

  @Test("any number of tints fits in 256 colors", arguments: [0, 1, 12, 70, 109, 110, 254], [0.55, 1])
  func fits(count: Int, share: Double) {
    let use = TintUse(counts: (0..<count).map { 300 - $0 }, brightness: 0.2...0.7)
    let palette = AnimationPalette(tints(count, share: share), use, isColor: false)
    #expect(palette.colors.count <= 256)
    for slot in 0...count {
      for value in [0, 0.31, 1] {
        let index = Int(palette.index([value], slot: slot, x: slot, y: 3))
        #expect(index >= AnimationPalette.Mark.allCases.count && index < palette.colors.count)
      }
    }
  }

  @Test("tints that hardly any pixel shows get the most similar color of the others")
  func rare() {
    let red = VolumeInfo.Color(red: 255, green: 0, blue: 0)
    var tints = tints(150).map { AnimationOverlay.Tint(color: $0.color, share: 0.5) }
    tints[0] = .init(color: red, share: 0.5)
    tints[149] = .init(color: VolumeInfo.Color(red: 250, green: 3, blue: 0), share: 0.5)
    let palette = AnimationPalette(tints, TintUse(counts: (0..<150).map { 300 - $0 }), isColor: false)
    #expect(palette.index([0.4], slot: 150, x: 0, y: 0) == palette.index([0.4], slot: 1, x: 0, y: 0))
  }

  @Test("shades of gray are those of the image")
  func grays() {
    let palette = AnimationPalette([], TintUse(counts: []), isColor: false)
    for value in stride(from: 0.0, through: 1, by: 0.05) {
      let color = palette.colors[Int(palette.index([value], slot: 0, x: 1, y: 2))]
      #expect(color.red == color.green && abs(Double(color.red) - 255 * value) <= 2)
    }
  }

  @Test("few colors look like the image's, by the mean of a square of pixels")
  func dithered() {
    let palette = AnimationPalette([], TintUse(counts: []), isColor: true)
    for color in [[0.1, 0.55, 0.9], [0.77, 0.33, 0.05], [0, 1, 0.5]] {
      var sums = [0.0, 0, 0]
      for y in 0..<4 {
        for x in 0..<4 {
          let found = palette.colors[Int(palette.index(color, slot: 0, x: x, y: y))]
          for (channel, part) in [found.red, found.green, found.blue].enumerated() {
            sums[channel] += Double(part) / 255 / 16
          }
        }
      }
      for (sum, part) in zip(sums, color) { #expect(abs(sum - part) < 0.02, "\(color) \(sums)") }
    }
  }
}
