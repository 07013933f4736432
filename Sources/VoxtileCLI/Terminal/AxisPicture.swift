import Voxtile

/// How patches lie along one axis, drawn in a few lines of text.
///
///     layout x    1111111111112222222222221111111111xxx~~
///                 [======================]
///                             [====================]
///
/// The first line says for each column in how many patches its voxels are: `x` in none, so that they are lost, and `~` is
/// padding. The bars below are the patches, in as few rows as possible without touching.
struct AxisPicture {
  /// What a bar is drawn with.
  private struct Glyphs {
    let start: Character
    let body: Character
    let end: Character
    let lost: Character
    let padding: Character

    static let ascii = Glyphs(start: "[", body: "=", end: "]", lost: "x", padding: "~")
    static let unicode = Glyphs(start: "├", body: "─", end: "┤", lost: "×", padding: "░")
  }

  /// The most rows of bars; patches beyond are only counted.
  static let maxRows = 4

  private let axis: Axis
  private let tiling: AxisTiling
  private let terminal: Terminal
  private let glyphs: Glyphs
  private let labelWidth = 12
  private let first: Int
  private let last: Int
  private let columns: Int

  /// Draws an axis.
  init(_ tiling: AxisTiling, axis: Axis, terminal: Terminal) {
    self.tiling = tiling
    self.axis = axis
    self.terminal = terminal
    glyphs = terminal.hasUnicode ? .unicode : .ascii
    first = -tiling.paddingBefore
    last = tiling.length + tiling.paddingAfter
    columns = max(1, min(terminal.width - labelWidth, last - first))
  }

  /// The lines, each within the terminal's width; at most six.
  var lines: [String] {
    let head = "layout \(axis)".padding(to: labelWidth)
    let blank = String(repeating: " ", count: labelWidth)
    var lines = [head + cover()]
    lines += rows().map { blank + $0 }
    return lines
  }

  /// The column of a coordinate.
  private func column(_ voxel: Int) -> Int {
    min((voxel - first) * columns / (last - first), columns - 1)
  }

  /// The voxels of a column.
  private func voxels(_ column: Int) -> Range<Int> {
    let length = last - first
    let start = first + (column * length + columns - 1) / columns
    return start..<max(start + 1, first + ((column + 1) * length + columns - 1) / columns)
  }

  /// How many patches hold the voxels of each column.
  private func cover() -> String {
    let counts = tiling.counts
    var parts: [(text: String, color: Terminal.Color)] = []
    for column in 0..<columns {
      let part = Self.cover(voxels(column).clamped(to: 0..<tiling.length).map { counts[$0] }, glyphs)
      if parts.last?.color == part.color {
        parts[parts.count - 1].text += part.text
      } else {
        parts.append(part)
      }
    }
    return parts.map { terminal.colored($0.text, $0.color) }.joined()
  }

  /// The character for one column, from the number of patches over each of its voxels. No voxels: padding.
  private static func cover(_ counts: [Int], _ glyphs: Glyphs) -> (text: String, color: Terminal.Color) {
    guard let least = counts.min(), let most = counts.max() else { return (String(glyphs.padding), .cyan) }
    // A single lost voxel has to be seen.
    if least == 0 { return (String(glyphs.lost), .red) }
    return (most > 9 ? "+" : "\(most)", most > 1 ? .yellow : .green)
  }

  /// The patches as bars.
  private func rows() -> [String] {
    let bars = tiling.starts.indices.map { index in
      let range = tiling.range(at: index)
      return (from: column(range.lowerBound), to: column(range.upperBound - 1))
    }
    var ends: [Int] = []
    var rows: [[Character]] = []
    var undrawn = 0
    for bar in bars {
      var row = ends.firstIndex { $0 < bar.from }
      if row == nil, rows.count < Self.maxRows {
        rows.append([Character](repeating: " ", count: columns))
        ends.append(-1)
        row = rows.count - 1
      }
      guard let row else {
        undrawn += 1
        continue
      }
      for place in bar.from...bar.to { rows[row][place] = glyphs.body }
      rows[row][bar.to] = glyphs.end
      rows[row][bar.from] = glyphs.start
      ends[row] = bar.to
    }
    var lines = rows.map { String($0).trimmedAtEnd }
    if undrawn > 0 { lines.append("and \(Console.count(undrawn, "patch")) between them") }
    return lines
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }

  fileprivate var trimmedAtEnd: String {
    var text = Substring(self)
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
