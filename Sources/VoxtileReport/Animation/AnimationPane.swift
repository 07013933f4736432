import Voxtile

/// A part of the animation that shows places of the image.
protocol AnimationPane: Sendable {
  /// Where it lies on the canvas.
  var frame: AnimationFrame { get }

  /// The place of the image at a point of the frame.
  ///
  /// - Returns: parts of the image along each axis, 0..<1; `nil` where nothing is shown.
  func place(x: Double, y: Double) -> PerAxis<Double>?

  /// How many voxels of a picture lie side by side in one pixel.
  func detail(of image: AnimationImage) -> Double

  /// Draws the box of a patch.
  func draw(_ box: PerAxis<Range<Int>>, on canvas: inout AnimationCanvas)

  /// Draws what never changes and lies around the image.
  func drawFrame(on canvas: inout AnimationCanvas)
}

extension AnimationPane {
  func drawFrame(on canvas: inout AnimationCanvas) {}
}

/// The parts of an animation, and where they lie.
struct AnimationLayout {
  let width: Int
  let height: Int
  let panes: [any AnimationPane]
  /// The bar that says how far the animation is.
  let bar: AnimationFrame

  /// Between and around the parts, in pixels.
  private static let gap = 8
  private static let barHeight = 4

  /// - Parameters:
  ///   - side: the longer side of the whole picture in pixels, about.
  init(_ scene: AnimationScene, side: Int) {
    let gap = Self.gap
    let views = ThumbnailView.all(extent: scene.extent, letters: scene.orientation)
    func length(_ axis: Axis) -> Double { Double(scene.extent[axis]) * scene.spacing[axis] }
    func pixels(_ axis: Axis, _ scale: Double) -> Int { max(1, Int((length(axis) * scale).rounded())) }
    /// The size of a voxel in pixels with which parts side by side and above each other fit.
    func scale(_ across: [Axis], _ down: [Axis]) -> Double {
      func fit(_ axes: [Axis]) -> Double {
        Double(max(1, side - gap * (axes.count + 1))) / axes.reduce(0) { $0 + length($1) }
      }
      return min(fit(across), fit(down))
    }
    func frame(_ x: Int, _ y: Int, _ width: Int, _ height: Int) -> AnimationFrame {
      AnimationFrame(columns: x..<x + width, rows: y..<y + height)
    }
    let (right, bottom): (Int, Int)
    if views.count == 1 {
      let view = views[0]
      let scale = scale([view.across], [view.down])
      let (wide, high) = (pixels(view.across, scale), pixels(view.down, scale))
      panes = [SlicePane(scene, view, in: frame(gap, gap, wide, high))]
      (right, bottom) = (gap + wide, gap + high)
    } else {
      // Axial over coronal, which are as wide; sagittal beside coronal, as high; the image in 3D in the corner that is left.
      let (axial, coronal, sagittal) = (views[0], views[1], views[2])
      let scale = scale([axial.across, sagittal.across], [axial.down, coronal.down])
      let (left, beside) = (pixels(axial.across, scale), pixels(sagittal.across, scale))
      let (top, below) = (pixels(axial.down, scale), pixels(coronal.down, scale))
      let (second, under) = (gap + left + gap, gap + top + gap)
      panes = [
        SlicePane(scene, axial, in: frame(gap, gap, left, top)),
        SpacePane(scene, in: frame(second, gap, beside, top)),
        SlicePane(scene, coronal, in: frame(gap, under, left, below)),
        SlicePane(scene, sagittal, in: frame(second, under, beside, below)),
      ]
      (right, bottom) = (second + beside, under + below)
    }
    width = right + gap
    bar = frame(gap, bottom + gap, right - gap, Self.barHeight)
    height = bar.rows.upperBound + gap
  }
}
