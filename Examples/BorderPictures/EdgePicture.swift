import Voxtile

/// One axis of 11 voxels cut into patches of 4 that share 1, under one edge policy.
///
/// All positions come from ``AxisTiling``, so the picture always matches the library.
struct EdgePicture {
  let edge: EdgePolicy
  let tiling: AxisTiling
  private let columns = -1..<13
  private let side = 40
  private let left = 124
  private let lane = 44

  init(_ edge: EdgePolicy) throws {
    self.edge = edge
    tiling = try AxisTiling(length: 11, patch: 4, overlap: .voxels(1), edge: edge, axis: .x)
  }

  var name: String { "edge-\(edge)" }

  func svg(_ theme: Theme) -> String {
    let notes = notes
    let bottom = 16 + lane * (tiling.count + 2)
    var drawing = Drawing(
      width: left + columns.count * side + 16, height: bottom + 8 + (notes.isEmpty ? 0 : 28), theme: theme)
    drawImage(&drawing)
    for index in 0..<tiling.count { drawPatch(index, &drawing) }
    drawCounts(&drawing)
    for border in [0, tiling.length] { drawing.line(x: x(border), from: 10, to: bottom) }
    drawing.text(
      notes.joined(separator: "; "), x: left + side, y: bottom + 18, anchor: .start,
      color: theme.quietText, size: 13)
    return drawing.svg(
      describedBy: "Edge policy \(edge): patches start at "
        + tiling.starts.map(String.init).joined(separator: ", "))
  }

  private func x(_ voxel: Int) -> Int { left + (voxel - columns.lowerBound) * side }
  private func y(lane index: Int) -> Int { 12 + index * lane }

  private func label(_ text: String, lane index: Int, _ drawing: inout Drawing) {
    drawing.text(text, x: 12, y: y(lane: index) + 18, anchor: .start, color: drawing.theme.quietText)
  }

  private func drawImage(_ drawing: inout Drawing) {
    label("voxels", lane: 0, &drawing)
    for voxel in 0..<tiling.length {
      drawing.box(
        x: x(voxel), y: y(lane: 0), width: side, height: 36, fill: .color(drawing.theme.cell),
        stroke: drawing.theme.line)
      drawing.text("\(voxel)", x: x(voxel) + side / 2, y: y(lane: 0) + 18)
    }
  }

  private func drawPatch(_ index: Int, _ drawing: inout Drawing) {
    let theme = drawing.theme
    let outline = theme.outlines[index % theme.outlines.count]
    let range = tiling.range(at: index)
    let valid = tiling.validRange(at: index)
    let top = y(lane: index + 1)
    label("patch \(index) at \(range.lowerBound)".replacingMinus, lane: index + 1, &drawing)
    if let regular = regularRange(index), regular != range {
      let shown = regular.clamped(to: columns)
      drawing.box(
        x: x(shown.lowerBound), y: top + 4, width: shown.count * side, height: 28, fill: .none,
        stroke: theme.line, isDashed: true)
    }
    for voxel in range {
      drawing.box(
        x: x(voxel), y: top, width: side, height: 36,
        fill: valid.contains(voxel)
          ? .color(theme.patches[index % theme.patches.count]) : .hatched(index),
        stroke: outline)
      if valid.contains(voxel) { drawing.text("\(voxel)", x: x(voxel) + side / 2, y: top + 18) }
    }
  }

  private func drawCounts(_ drawing: inout Drawing) {
    let theme = drawing.theme
    let index = tiling.count + 1
    label("patches over it", lane: index, &drawing)
    for (voxel, count) in tiling.counts.enumerated() {
      drawing.box(
        x: x(voxel), y: y(lane: index), width: side, height: 36, fill: .color(theme.fill(count: count)),
        stroke: count == 0 ? theme.warning : theme.line)
      drawing.text(
        "\(count)", x: x(voxel) + side / 2, y: y(lane: index) + 18,
        color: count == 0 ? theme.warning : theme.text)
    }
  }

  /// Where a patch would be without being moved, for policies that move patches.
  private func regularRange(_ index: Int) -> Range<Int>? {
    guard edge == .shift || edge == .balance else { return nil }
    let start = index * tiling.stride
    return start..<start + tiling.patch
  }

  /// The legend of the dashed, hatched and lost boxes.
  private var notes: [String] {
    var notes: [String] = []
    let isMoved = tiling.starts.indices.contains { index in
      regularRange(index).map { $0 != tiling.range(at: index) } ?? false
    }
    if isMoved {
      notes.append("dashed: where the stride alone would put the patch")
    }
    if tiling.paddingBefore + tiling.paddingAfter > 0 { notes.append("hatched: made up by the padding") }
    if !tiling.uncovered.isEmpty { notes.append("0: lost, in no patch") }
    return notes
  }
}

extension String {
  /// The text with a typographic minus sign instead of a hyphen.
  var replacingMinus: String { String(map { $0 == "-" ? "\u{2212}" : $0 }) }
}
