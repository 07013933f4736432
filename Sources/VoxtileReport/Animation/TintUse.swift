import Voxtile

/// Which tints an animation shows, and how bright the image is below them: what its palette has to hold.
struct TintUse: Equatable {
  /// For each tint of the overlay, the pixels that show it.
  var counts: [Int]
  /// The brightness of the image below tints, 0...1, without the darkest and the brightest pixels.
  var brightness: ClosedRange<Double>

  /// How many of the darkest pixels are left out, and of the brightest.
  private static let outliers = 0.05

  init(counts: [Int], brightness: ClosedRange<Double> = 0...1) {
    (self.counts, self.brightness) = (counts, brightness)
  }

  init(_ scene: AnimationScene, _ layout: AnimationLayout) {
    var counts = [Int](repeating: 0, count: scene.overlay.tints.count + 1)
    var histogram = [Int](repeating: 0, count: 256)
    for pane in layout.panes {
      for row in 0..<pane.frame.rows.count {
        for column in 0..<pane.frame.columns.count {
          guard let place = pane.place(x: Double(column) + 0.5, y: Double(row) + 0.5) else { continue }
          let slot = scene.overlay.slot(at: scene.voxel(at: place), of: scene.extent)
          counts[slot] += 1
          if slot > 0 { histogram[Int(255 * scene.revealed.brightness(at: place, channel: 0))] += 1 }
        }
      }
    }
    self.counts = Array(counts.dropFirst())
    let few = Int(Self.outliers * Double(histogram.reduce(0, +)))
    func firstLevel(_ levels: some Sequence<Int>) -> Int? {
      var sum = 0
      return levels.first { level in
        sum += histogram[level]
        return sum > few
      }
    }
    let low = Double(firstLevel(0..<256) ?? 0) / 255
    let high = Double(firstLevel((0..<256).reversed()) ?? 255) / 255
    brightness = low < high ? low...high : 0...1
  }
}
