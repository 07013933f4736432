import Voxtile
import VoxtileFormats

/// A small animation of a report, for a README or a talk: the box of each patch moves over the image in grid order, and labels are seen
/// only where patches have been. It is written as a GIF.
///
///     let data = try ReportData(request)
///     try ReportAnimation(data).write(to: "brain.gif")
///
/// The first label map among the overlays is revealed; without one, another overlay as heat (overlays with nothing to show are passed over), the merged image, or the image itself, which
/// is darker before. A volume is shown by three slices, those with most labels, and by these slices in space. At the end the whole
/// result stays for two seconds. The same report gives the same bytes.
public struct ReportAnimation: Sendable {
  /// The longer side of the picture in pixels, about.
  public static let side = 480
  /// The most patches that are shown, evenly spaced in grid order; ten in a second, or fewer where there are few.
  public static let mostPatches = 120

  /// The patches that are shown, in order; the last one is the last of the grid.
  public let shownPatches: [Int]
  /// The number of patches in the grid.
  public let patchCount: Int
  /// Whether there are overlays, and none of them has labels or values to reveal.
  public var overlaysAreEmpty: Bool { scene.overlaysAreEmpty }

  private let scene: AnimationScene
  private let layout: AnimationLayout

  private static let endHundredths = 200
  private static let beginHundredths = 50
  private static let stepHundredths = 10...50
  /// Fewer patches than ten in a second take as long as this, in hundredths of a second.
  private static let sweepHundredths = 300

  /// Prepares the animation of a report.
  ///
  /// - Parameter data: the images, which are not read again, and the grid.
  public init(_ data: ReportData) { self.init(data, side: Self.side) }

  /// Prepares the animation of a report, with a longer side of some pixels.
  init(_ data: ReportData, side: Int) {
    let scene = AnimationScene(data)
    self.scene = scene
    patchCount = scene.patches.count
    let shown = min(patchCount, Self.mostPatches)
    let count = patchCount
    shownPatches = (0..<shown).map { ($0 + 1) * count / shown - 1 }
    layout = AnimationLayout(scene, side: side)
  }

  /// The size of the picture in pixels.
  public var size: (width: Int, height: Int) { (layout.width, layout.height) }

  /// Makes sure, before long work, that animations can be written here.
  ///
  /// - Throws: `VoxtileError.Code.runtimeNotFound` where giflib is not installed.
  public static func checkCanBeWritten() throws { try GIFWriter.checkLibrary() }

  /// Writes the animation as a GIF. If this fails, no partial file is left behind.
  ///
  /// - Parameters:
  ///   - path: the file to write.
  ///   - isReplacing: whether an existing file may be replaced.
  /// - Throws: `VoxtileError.Code.runtimeNotFound` where giflib is not installed, `VoxtileError.Code.targetExists` if the file exists
  ///   and may not be replaced, and `VoxtileError.Code.fileAccess` if it cannot be written.
  /// - Complexity: O(pixels x patches shown). One frame is in memory at a time.
  public func write(to path: String, replacing isReplacing: Bool = false) throws {
    let palette = AnimationPalette(
      scene.overlay.tints, TintUse(scene, layout), isColor: scene.hidden.channels > 1)
    let writer = try GIFWriter(
      path, replacing: isReplacing, size: size, palette: palette.colors,
      transparent: Int(AnimationPalette.Mark.transparent.rawValue))
    try forEachPicture(AnimationPixels(scene, layout, palette)) { (picture, before, hundredths) throws in
      try writer.add(Self.frame(picture, after: before, hundredths))
    }
    try writer.finish()
  }

  /// Calls `body` with each picture, the one before it, and how long it stays.
  func forEachPicture(
    _ pixels: AnimationPixels,
    _ body: (_ picture: AnimationCanvas, _ before: AnimationCanvas?, _ hundredths: Int) throws -> Void
  ) rethrows {
    let step = max(
      Self.stepHundredths.lowerBound,
      min(Self.stepHundredths.upperBound, Self.sweepHundredths / max(1, shownPatches.count)))
    var sweep = AnimationPixels.Sweep(pixels)
    var last = withBar(sweep.canvas, done: 0)
    try body(last, nil, Self.beginHundredths)
    for (index, patch) in shownPatches.enumerated() {
      sweep.reveal(upTo: patch)
      var picture = withBar(sweep.canvas, done: index + 1)
      for pane in layout.panes { pane.draw(scene.patches.box(patch), on: &picture) }
      try body(picture, last, step)
      last = picture
    }
    try body(withBar(sweep.canvas, done: shownPatches.count), last, Self.endHundredths)
  }

  private func withBar(_ canvas: AnimationCanvas, done: Int) -> AnimationCanvas {
    var canvas = canvas
    let (columns, rows) = (layout.bar.columns, layout.bar.rows)
    let middle = columns.lowerBound + columns.count * done / max(1, shownPatches.count)
    canvas.fill(columns.lowerBound..<middle, rows, .done)
    canvas.fill(middle..<columns.upperBound, rows, .left)
    return canvas
  }

  /// What changes from one picture to the next. Pixels that stay are transparent, since those are stored in little space.
  private static func frame(
    _ picture: AnimationCanvas, after before: AnimationCanvas?, _ hundredths: Int
  ) -> GIFWriter.Frame {
    guard let before else {
      return .init(
        columns: 0..<picture.width, rows: 0..<picture.height, pixels: picture.pixels, hundredths: hundredths)
    }
    let change = picture.change(from: before) ?? AnimationFrame(columns: 0..<1, rows: 0..<1)
    let pixels = change.rows.flatMap { y in
      change.columns.map { x in
        picture[x, y] == before[x, y] ? AnimationPalette.Mark.transparent.rawValue : picture[x, y]
      }
    }
    return .init(columns: change.columns, rows: change.rows, pixels: pixels, hundredths: hundredths)
  }
}
