import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The three slices at their places in space, with the box of a patch around them. Projected as `Page/space.js` does.
struct SpacePane: AnimationPane {
  let frame: AnimationFrame
  private let extent: PerAxis<Int>
  private let slices: PerAxis<Int>
  /// The size of the image in mm.
  private let lengths: PerAxis<Double>
  /// To the right, up, and to the viewer, for one mm along each axis.
  private let steps: PerAxis<Step>
  /// Pixels for one mm.
  private let zoom: Double
  private let image: AnimationImage

  private struct Step {
    var right: Double
    var up: Double
    var near: Double
  }

  /// From where the image is seen: turned to the left, and from above.
  private static let yaw = -0.62
  private static let pitch = 0.42
  /// What is darker is seen through.
  private static let darkest = 0.06

  init(_ scene: AnimationScene, in frame: AnimationFrame) {
    (self.frame, extent, slices, image) = (frame, scene.extent, scene.slices, scene.hidden)
    let lengths = scene.extent.map { axis, size in Double(size) * scene.spacing[axis] }
    let (cosYaw, sinYaw) = (cos(Self.yaw), sin(Self.yaw))
    let (cosPitch, sinPitch) = (cos(Self.pitch), sin(Self.pitch))
    // To the patient's right, to the back and to the head.
    let world = [
      Step(right: cosYaw, up: -sinYaw * sinPitch, near: sinYaw * cosPitch),
      Step(right: sinYaw, up: cosYaw * sinPitch, near: -cosYaw * cosPitch),
      Step(right: 0, up: cosPitch, near: sinPitch),
    ]
    let steps = scene.extent.map { axis, _ in
      let letter = scene.orientation?[axis.index] ?? Array("RAS")[axis.index]
      let direction = "RL".contains(letter) ? 0 : "AP".contains(letter) ? 1 : 2
      let sign = "LPI".contains(letter) ? -1.0 : 1
      let step = world[direction]
      return Step(right: step.right * sign, up: step.up * sign, near: step.near * sign)
    }
    func reach(_ side: (Step) -> Double) -> Double {
      Axis.allCases.reduce(0) { $0 + lengths[$1] * side(steps[$1]).magnitude }
    }
    zoom =
      0.94
      * min(
        Double(frame.columns.count) / reach(\.right), Double(frame.rows.count) / reach(\.up))
    (self.lengths, self.steps) = (lengths, steps)
  }

  /// Two points for each pixel, since lines are not parallel to the sides.
  func detail(of image: AnimationImage) -> Double { 2 }

  func place(x: Double, y: Double) -> PerAxis<Double>? {
    let right = (x - Double(frame.columns.count) / 2) / zoom
    let up = (Double(frame.rows.count) / 2 - y) / zoom
    var nearest: (place: PerAxis<Double>, near: Double)?
    for axis in Axis.allCases {
      guard let hit = place(right, up, across: axis), hit.near > nearest?.near ?? -.infinity else { continue }
      let brightness = (0..<image.channels).reduce(0) {
        max($0, image.brightness(at: hit.place, channel: $1))
      }
      if brightness > Self.darkest { nearest = hit }
    }
    return nearest?.place
  }

  /// Where a line of sight meets the slice across an axis; `nil` where it misses it.
  private func place(
    _ right: Double, _ up: Double, across axis: Axis
  ) -> (place: PerAxis<Double>, near: Double)? {
    let others = Axis.allCases.filter { $0 != axis }
    let (u, v, normal) = (steps[others[0]], steps[others[1]], steps[axis])
    let part = (Double(slices[axis]) + 0.5) / Double(extent[axis])
    let depth = (part - 0.5) * lengths[axis]
    let (x, y) = (right - depth * normal.right, up - depth * normal.up)
    let area = u.right * v.up - u.up * v.right
    guard area.magnitude > 1e-9 else { return nil }
    let alongU = (x * v.up - y * v.right) / area
    let alongV = (y * u.right - x * u.up) / area
    var place = PerAxis(part)
    place[others[0]] = alongU / lengths[others[0]] + 0.5
    place[others[1]] = alongV / lengths[others[1]] + 0.5
    guard others.allSatisfy({ place[$0] >= 0 && place[$0] < 1 }) else { return nil }
    return (place, alongU * u.near + alongV * v.near + depth * normal.near)
  }

  func draw(_ box: PerAxis<Range<Int>>, on canvas: inout AnimationCanvas) {
    drawEdges(of: box, on: &canvas, .patch)
  }

  func drawFrame(on canvas: inout AnimationCanvas) {
    drawEdges(of: extent.map { _, size in 0..<size }, on: &canvas, .edge)
  }

  private func drawEdges(
    of box: PerAxis<Range<Int>>, on canvas: inout AnimationCanvas, _ mark: AnimationPalette.Mark
  ) {
    for axis in Axis.allCases {
      let others = Axis.allCases.filter { $0 != axis }
      for side in 0..<4 {
        var corner = box.map { _, range in range.lowerBound }
        if side & 1 != 0 { corner[others[0]] = box[others[0]].upperBound }
        if side & 2 != 0 { corner[others[1]] = box[others[1]].upperBound }
        let start = point(corner)
        corner[axis] = box[axis].upperBound
        // An edge away from the viewer is hidden by the box.
        let isBehind = others.indices.allSatisfy { index in
          let isUpper = side & (1 << index) != 0
          return isUpper != (steps[others[index]].near > 0)
        }
        canvas.line(from: start, to: point(corner), in: frame, isDashed: isBehind, mark)
      }
    }
  }

  /// Where a corner of voxels lies on the canvas.
  private func point(_ corner: PerAxis<Int>) -> AnimationPoint {
    var (right, up) = (0.0, 0.0)
    for axis in Axis.allCases {
      let millimeters = (Double(corner[axis]) / Double(extent[axis]) - 0.5) * lengths[axis]
      right += millimeters * steps[axis].right
      up += millimeters * steps[axis].up
    }
    return AnimationPoint(
      x: Double(frame.columns.lowerBound) + Double(frame.columns.count) / 2 + right * zoom,
      y: Double(frame.rows.lowerBound) + Double(frame.rows.count) / 2 - up * zoom)
  }
}
