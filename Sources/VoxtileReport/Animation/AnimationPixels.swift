import Voxtile

/// The pixels of an animation before and after a patch reveals them.
struct AnimationPixels {
  /// All before the first patch.
  let hidden: AnimationCanvas
  /// What the patches reveal, in their order.
  private let revelations: [(patch: Int, pixel: Int, color: UInt8)]

  /// How bright the image is before it is revealed.
  private static let hiddenBrightness = 0.4
  /// The most points for each side of a pixel whose mean is shown.
  private static let mostPoints = 8.0

  /// - Complexity: O(pixels), with up to 64 points for each one; about 40 bytes for each pixel.
  init(_ scene: AnimationScene, _ layout: AnimationLayout, _ palette: AnimationPalette) {
    var canvas = AnimationCanvas(width: layout.width, height: layout.height, filled: .ground)
    var revelations: [(patch: Int, pixel: Int, color: UInt8)] = []
    for pane in layout.panes {
      pane.drawFrame(on: &canvas)
      let points = Int(min(Self.mostPoints, max(1, pane.detail(of: scene.hidden).rounded(.up))))
      for y in pane.frame.rows {
        for x in pane.frame.columns {
          let (column, row) = (x - pane.frame.columns.lowerBound, y - pane.frame.rows.lowerBound)
          guard let place = pane.place(x: Double(column) + 0.5, y: Double(row) + 0.5) else { continue }
          let voxel = scene.voxel(at: place)
          let before = Self.mean(of: scene.hidden, pane, column, row, points).map {
            $0 * Self.hiddenBrightness
          }
          canvas[x, y] = palette.index(before, slot: 0, x: x, y: y)
          guard let patch = scene.patches.first(at: voxel) else { continue }
          let after = Self.mean(of: scene.revealed, pane, column, row, points)
          let slot = scene.overlay.slot(at: voxel, of: scene.extent)
          revelations.append((patch, y * layout.width + x, palette.index(after, slot: slot, x: x, y: y)))
        }
      }
    }
    hidden = canvas
    self.revelations = revelations.sorted { ($0.patch, $0.pixel) < ($1.patch, $1.pixel) }
  }

  /// The mean brightness of a pixel, by channel.
  private static func mean(
    of image: AnimationImage, _ pane: some AnimationPane, _ column: Int, _ row: Int, _ points: Int
  ) -> [Double] {
    var sums = [Double](repeating: 0, count: image.channels)
    for down in 0..<points {
      for across in 0..<points {
        let x = Double(column) + (Double(across) + 0.5) / Double(points)
        let y = Double(row) + (Double(down) + 0.5) / Double(points)
        guard let place = pane.place(x: x, y: y) else { continue }
        for channel in sums.indices { sums[channel] += image.brightness(at: place, channel: channel) }
      }
    }
    return sums.map { $0 / Double(points * points) }
  }

  /// Reveals pixels in the order of patches.
  struct Sweep {
    private let pixels: AnimationPixels
    private var next = 0
    /// The picture without the box of a patch.
    private(set) var canvas: AnimationCanvas

    init(_ pixels: AnimationPixels) {
      self.pixels = pixels
      canvas = pixels.hidden
    }

    /// Reveals all up to a patch.
    mutating func reveal(upTo patch: Int) {
      while next < pixels.revelations.count, pixels.revelations[next].patch <= patch {
        let (pixel, color) = (pixels.revelations[next].pixel, pixels.revelations[next].color)
        canvas[pixel % canvas.width, pixel / canvas.width] = color
        next += 1
      }
    }
  }
}
