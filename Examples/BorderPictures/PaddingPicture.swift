import Voxtile

/// A row of four voxels with four voxels of padding on each side, for every kind of padding.
struct PaddingPicture {
  private let paddings: [Padding] = [.constant(0), .edge, .reflect, .symmetric, .wrap]
  private let values = [1, 2, 3, 4]
  private let columns = -4..<8
  private let side = 40
  private let left = 124
  private let lane = 44

  let name = "paddings"

  func svg(_ theme: Theme) -> String {
    let bottom = 12 + lane * paddings.count
    var drawing = Drawing(
      width: left + columns.count * side + 16, height: bottom + 36, theme: theme)
    for (index, padding) in paddings.enumerated() { draw(padding, at: 12 + index * lane, &drawing) }
    for border in [0, values.count] { drawing.line(x: x(border), from: 10, to: bottom) }
    drawing.text(
      "the four voxels of the image", x: (x(0) + x(values.count)) / 2, y: bottom + 18,
      color: theme.quietText, size: 13)
    drawing.text(
      "made up", x: (x(columns.lowerBound) + x(0)) / 2, y: bottom + 18, color: theme.quietText, size: 13)
    drawing.text(
      "made up", x: (x(values.count) + x(columns.upperBound)) / 2, y: bottom + 18,
      color: theme.quietText, size: 13)
    return drawing.svg(describedBy: "Four voxels, and what each padding makes of the places beside them")
  }

  private func x(_ voxel: Int) -> Int { left + (voxel - columns.lowerBound) * side }

  private func draw(_ padding: Padding, at top: Int, _ drawing: inout Drawing) {
    let theme = drawing.theme
    let name = if case .constant(let value) = padding { "constant \(Int(value))" } else { "\(padding)" }
    drawing.text(name, x: 12, y: top + 18, anchor: .start, color: theme.quietText)
    for voxel in columns {
      let isImage = values.indices.contains(voxel)
      let source = padding.source(of: voxel, length: values.count)
      drawing.box(
        x: x(voxel), y: top, width: side, height: 36,
        fill: isImage ? .color(theme.cell) : .hatched(0),
        stroke: isImage ? theme.line : theme.outlines[0])
      drawing.text(
        "\(source.map { values[$0] } ?? 0)", x: x(voxel) + side / 2, y: top + 18)
    }
  }
}
