/// The pixels of an animation: places in its palette.
struct AnimationCanvas: Equatable {
  let width: Int
  let height: Int
  private(set) var pixels: [UInt8]

  init(width: Int, height: Int, filled mark: AnimationPalette.Mark) {
    (self.width, self.height) = (width, height)
    pixels = [UInt8](repeating: mark.rawValue, count: width * height)
  }

  subscript(x: Int, y: Int) -> UInt8 {
    get { pixels[y * width + x] }
    set { pixels[y * width + x] = newValue }
  }

  /// Fills a rectangle, as far as it lies on the canvas.
  mutating func fill(_ columns: Range<Int>, _ rows: Range<Int>, _ mark: AnimationPalette.Mark) {
    for y in rows.clamped(to: 0..<height) {
      for x in columns.clamped(to: 0..<width) { self[x, y] = mark.rawValue }
    }
  }

  /// Draws a line of one pixel, as far as it lies in a frame.
  ///
  /// - Parameter isDashed: whether every other three pixels are left out.
  mutating func line(
    from start: AnimationPoint, to end: AnimationPoint, in frame: AnimationFrame, isDashed: Bool = false,
    _ mark: AnimationPalette.Mark
  ) {
    let steps = max(1, Int(max(abs(end.x - start.x), abs(end.y - start.y)).rounded(.up)))
    for step in 0...steps where !isDashed || step / 3 % 2 == 0 {
      let part = Double(step) / Double(steps)
      let x = Int((start.x + (end.x - start.x) * part).rounded(.down))
      let y = Int((start.y + (end.y - start.y) * part).rounded(.down))
      if frame.columns.contains(x), frame.rows.contains(y) { self[x, y] = mark.rawValue }
    }
  }

  /// The smallest rectangle with all pixels that differ from another canvas of this size; `nil` where none does.
  func change(from other: AnimationCanvas) -> AnimationFrame? {
    func differs(_ row: Int) -> Bool {
      let range = row * width..<(row + 1) * width
      return pixels[range] != other.pixels[range]
    }
    let rows = (0..<height).filter(differs)
    guard let first = rows.first, let last = rows.last else { return nil }
    var (left, right) = (width, 0)
    for row in rows {
      for x in 0..<width where self[x, row] != other[x, row] {
        left = min(left, x)
        right = max(right, x)
      }
    }
    return AnimationFrame(columns: left..<right + 1, rows: first..<last + 1)
  }
}

/// A place on a canvas, in pixels from its upper left corner.
struct AnimationPoint: Hashable {
  var x: Double
  var y: Double
}

/// A rectangle of a canvas, in pixels.
struct AnimationFrame: Hashable {
  var columns: Range<Int>
  var rows: Range<Int>
}
