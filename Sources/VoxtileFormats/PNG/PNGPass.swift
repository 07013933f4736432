/// One pass over an image: which pixels it stores. An image that is not interlaced has one such pass.
struct PNGPass: Hashable, Sendable {
  /// The first column and the first row.
  let xStart: Int
  let yStart: Int
  /// From one stored column, or row, to the next.
  let xStep: Int
  let yStep: Int

  /// The pass that stores every pixel.
  static let whole = PNGPass(xStart: 0, yStart: 0, xStep: 1, yStep: 1)

  /// The seven passes of Adam7, from the PNG specification, section 8.2.
  static let adam7 = [
    PNGPass(xStart: 0, yStart: 0, xStep: 8, yStep: 8),
    PNGPass(xStart: 4, yStart: 0, xStep: 8, yStep: 8),
    PNGPass(xStart: 0, yStart: 4, xStep: 4, yStep: 8),
    PNGPass(xStart: 2, yStart: 0, xStep: 4, yStep: 4),
    PNGPass(xStart: 0, yStart: 2, xStep: 2, yStep: 4),
    PNGPass(xStart: 1, yStart: 0, xStep: 2, yStep: 2),
    PNGPass(xStart: 0, yStart: 1, xStep: 1, yStep: 2),
  ]

  /// How many columns of an image of this width are stored.
  func columns(ofWidth width: Int) -> Int { max(0, width - xStart + xStep - 1) / xStep }

  /// How many rows of an image of this height are stored.
  func rows(ofHeight height: Int) -> Int { max(0, height - yStart + yStep - 1) / yStep }
}
