import Voxtile

/// The coverage of each pixel of a 10x10 image, with `shift` and with `discard`.
struct CoveragePicture {
  private let side = 27
  private let left = 40
  private let top = 66

  let name = "coverage"

  func svg(_ theme: Theme) throws -> String {
    var drawing = Drawing(width: 712, height: 356, theme: theme)
    let extent = Extent(width: 10, height: 10)
    for (place, edge) in [EdgePolicy.shift, .discard].enumerated() {
      let grid = try PatchGrid(
        over: extent, patch: Extent(width: 3, height: 3), overlap: .voxels(1), edge: edge)
      draw(grid, named: "\(edge)", at: left + place * 344, &drawing)
    }
    return drawing.svg(
      describedBy: "The number of patches over each pixel is the product of the numbers along x and y")
  }

  private func draw(_ grid: PatchGrid, named name: String, at x: Int, _ drawing: inout Drawing) {
    let theme = drawing.theme
    let coverage = grid.coverage
    let lost = coverage.lostVoxels
    drawing.text(
      "\(name): \(grid.count) patches, " + (lost == 0 ? "nothing is lost" : "\(lost) pixels are lost"),
      x: x + side, y: 20, anchor: .start)
    for column in 0..<grid.extent.width {
      drawing.text(
        "\(coverage.counts.x[column])", x: x + (column + 1) * side + side / 2, y: top - 16,
        color: theme.quietText)
    }
    for row in 0..<grid.extent.height {
      drawing.text(
        "\(coverage.counts.y[row])", x: x + 8, y: top + row * side + side / 2, color: theme.quietText)
      for column in 0..<grid.extent.width {
        let count = coverage.count(at: Position(x: column, y: row))
        let cellX = x + (column + 1) * side
        drawing.box(
          x: cellX, y: top + row * side, width: side, height: side,
          fill: .color(theme.fill(count: count)), stroke: count == 0 ? theme.warning : theme.line)
        drawing.text(
          "\(count)", x: cellX + side / 2, y: top + row * side + side / 2,
          color: count == 0 ? theme.warning : theme.text, size: 13)
      }
    }
  }
}
