import Voxtile

/// A slice of the image as a part of the animation.
struct SlicePane: AnimationPane {
  let frame: AnimationFrame
  private let view: ThumbnailView
  private let extent: PerAxis<Int>
  /// The slice that is shown.
  private let slice: Int

  init(_ scene: AnimationScene, _ view: ThumbnailView, in frame: AnimationFrame) {
    (self.frame, self.view, extent, slice) = (frame, view, scene.extent, scene.slices[view.axis])
  }

  func place(x: Double, y: Double) -> PerAxis<Double>? {
    var place = PerAxis((Double(slice) + 0.5) / Double(extent[view.axis]))
    let (across, down) = (x / Double(frame.columns.count), y / Double(frame.rows.count))
    place[view.across] = view.isAcrossReversed ? 1 - across : across
    place[view.down] = view.isDownReversed ? 1 - down : down
    return place
  }

  func detail(of image: AnimationImage) -> Double {
    max(
      Double(image.size[view.across]) / Double(frame.columns.count),
      Double(image.size[view.down]) / Double(frame.rows.count))
  }

  func draw(_ box: PerAxis<Range<Int>>, on canvas: inout AnimationCanvas) {
    let columns = pixels(box[view.across], of: extent[view.across], view.isAcrossReversed, frame.columns)
    let rows = pixels(box[view.down], of: extent[view.down], view.isDownReversed, frame.rows)
    let isMet = box[view.axis].contains(slice)
    // A patch that the slice does not meet is one thin dashed line.
    for inset in 0..<(isMet ? 2 : 1) {
      let (left, right) = (Double(columns.lowerBound + inset), Double(columns.upperBound - 1 - inset))
      let (top, bottom) = (Double(rows.lowerBound + inset), Double(rows.upperBound - 1 - inset))
      guard left <= right, top <= bottom else { break }
      let corners = [
        AnimationPoint(x: left, y: top), AnimationPoint(x: right, y: top),
        AnimationPoint(x: right, y: bottom), AnimationPoint(x: left, y: bottom),
      ]
      for (index, corner) in corners.enumerated() {
        canvas.line(
          from: corner, to: corners[(index + 1) % 4], in: frame, isDashed: !isMet,
          isMet ? .patch : .patchBeyond)
      }
    }
  }

  /// The pixels of a range of voxels.
  private func pixels(
    _ range: Range<Int>, of length: Int, _ isReversed: Bool, _ side: Range<Int>
  ) -> Range<Int> {
    let (from, to) =
      isReversed
      ? (length - range.upperBound, length - range.lowerBound) : (range.lowerBound, range.upperBound)
    // A pixel shows the voxel at its middle.
    func first(_ voxel: Int) -> Int {
      side.lowerBound + Int((Double(voxel * side.count) / Double(length) - 0.5).rounded(.up))
    }
    return first(from)..<max(first(from) + 1, first(to))
  }
}
