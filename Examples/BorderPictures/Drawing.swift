/// An SVG picture. Coordinates are pixels from the top left.
struct Drawing {
  let width: Int
  let height: Int
  let theme: Theme
  private var elements: [String] = []

  init(width: Int, height: Int, theme: Theme) {
    self.width = width
    self.height = height
    self.theme = theme
  }

  /// How the inside of a box is filled.
  enum Fill {
    case color(String)
    /// Hatched in a color: padding.
    case hatched(Int)
    case none
  }

  mutating func box(
    x: Int, y: Int, width: Int, height: Int, fill: Fill, stroke: String, isDashed: Bool = false
  ) {
    let paint =
      switch fill {
      case .color(let color): color
      case .hatched(let index): "url(#hatch\(index % theme.patches.count))"
      case .none: "none"
      }
    elements.append(
      #"<rect x="\#(x)" y="\#(y)" width="\#(width)" height="\#(height)" fill="\#(paint)" "#
        + #"stroke="\#(stroke)" stroke-width="1.5"\#(isDashed ? #" stroke-dasharray="5 4""# : "")/>"#)
  }

  mutating func line(x: Int, from top: Int, to bottom: Int) {
    elements.append(
      #"<line x1="\#(x)" y1="\#(top)" x2="\#(x)" y2="\#(bottom)" stroke="\#(theme.quietText)" "#
        + #"stroke-width="1.5"/>"#)
  }

  enum Anchor: String { case start, middle, end }

  /// Writes a line of text whose middle is at `y`.
  mutating func text(
    _ text: String, x: Int, y: Int, anchor: Anchor = .middle, color: String? = nil, size: Int = 14
  ) {
    elements.append(
      #"<text x="\#(x)" y="\#(y)" font-size="\#(size)" text-anchor="\#(anchor.rawValue)" "#
        + #"dy="0.35em" fill="\#(color ?? theme.text)">\#(text)</text>"#)
  }

  /// The content of the SVG file.
  func svg(describedBy description: String) -> String {
    let hatches = theme.patches.indices.map { index in
      #"<pattern id="hatch\#(index)" width="9" height="9" patternUnits="userSpaceOnUse" "#
        + #"patternTransform="rotate(45)"><rect width="9" height="9" fill="\#(theme.background)"/>"#
        + #"<rect width="3" height="9" fill="\#(theme.patches[index])"/></pattern>"#
    }
    let lines =
      [
        #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(width) \#(height)" "#
          + #"width="\#(width)" height="\#(height)" "#
          + #"font-family="system-ui, 'Helvetica Neue', Arial, sans-serif" role="img">"#,
        "<title>\(description)</title>",
        "<defs>\(hatches.joined())</defs>",
        #"<rect width="\#(width)" height="\#(height)" fill="\#(theme.background)"/>"#,
      ] + elements + ["</svg>"]
    return lines.joined(separator: "\n") + "\n"
  }
}
