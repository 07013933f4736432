/// Resamples parts of new planes, by linear interpolation or to the nearest voxel, for callers that hold old lines where they like.
///
/// Every value has the bits that ``PlaneResampler`` gives it.
package struct TileResampler: Sendable {
  private let taps: PerAxis<AxisTaps>
  private let columns: ColumnTaps
  private let width: Int
  /// Whether planes are mixed after they have got their new lines and columns.
  private let scalesFirst: Bool
  private let rounding: (@Sendable (Double) -> Float)?
  private let instructions: KernelInstructions

  /// - Parameters:
  ///   - resampling: how planes are resampled.
  ///   - rounding: what becomes of each new value; `nil` for the nearest number of single precision.
  /// - Precondition: values are neither cubic nor voted on.
  package init(
    _ resampling: Resampling, rounding: (@Sendable (Double) -> Float)? = nil,
    instructions: KernelInstructions = .best
  ) {
    self.rounding = rounding
    self.instructions = instructions
    taps = resampling.axes.map { AxisTaps($1) }
    precondition(
      resampling.makesValues || taps.all.allSatisfy { $0.count == 1 },
      "labels that are voted on need whole planes")
    columns = ColumnTaps(taps.x)
    width = resampling.extent.width
    scalesFirst = resampling.scalesPlanesFirst
  }

  /// The old planes that a new one is made from.
  package func planes(for newPlane: Int) -> ClosedRange<Int> { taps.z.needed(by: newPlane) }

  /// The old lines that a new one is made from.
  package func lines(for newLine: Int) -> ClosedRange<Int> { taps.y.needed(by: newLine) }

  /// Resamples one channel of a tile.
  ///
  /// - Parameters:
  ///   - tile: which new voxels.
  ///   - values: the old lines.
  ///   - rows: room to work in.
  ///   - target: line after line of the tile.
  ///   - place: where an old line begins in `values`, of those that ``planes(for:)`` and ``lines(for:)`` name.
  package func resample(
    _ tile: ResampledTile, from values: Span<Float>, with rows: inout TileRows,
    to target: inout MutableSpan<Float>, at place: (_ plane: Int, _ line: Int) -> Int
  ) {
    rows.begin(width: width, columns: tile.columns.count)
    var mixedLines: [Double] = []
    swap(&mixedLines, &rows.mixed)
    defer { swap(&mixedLines, &rows.mixed) }
    let ofPlanes = taps.z.pair(tile.plane)
    for newLine in tile.lines {
      let (lines, ofLines) = (taps.y.taps[newLine].indices, taps.y.pair(newLine))
      let start = (newLine - tile.lines.lowerBound) * tile.columns.count
      var part = target._mutatingExtracting(start..<start + tile.columns.count)
      for number in 0..<(scalesFirst ? taps.z.count : 1) {
        let first = scale(lines.x, number, tile, from: values, with: &rows, at: place)
        let second = scale(lines.y, number, tile, from: values, with: &rows, at: place)
        let scaled = rows.scaled.span
        if scalesFirst {
          let range = rows.range(number)
          var mixed = mixedLines.mutableSpan
          var line = mixed._mutatingExtracting(range)
          mean(
            of: scaled.extracting(first), scaled.extracting(second), weights: ofLines, to: &line,
            instructions: instructions)
        } else {
          finish(scaled.extracting(first), scaled.extracting(second), weights: ofLines, to: &part)
        }
      }
      if scalesFirst {
        let (first, second) = (rows.range(0), rows.range(taps.z.count - 1))
        let mixed = mixedLines.span
        finish(mixed.extracting(first), mixed.extracting(second), weights: ofPlanes, to: &part)
      }
    }
  }

  /// Writes a mean of two lines, or the first one.
  private func finish(
    _ first: Span<Double>, _ second: Span<Double>, weights: (Double, Double)?,
    to target: inout MutableSpan<Float>
  ) {
    guard let rounding else {
      return narrowMean(of: first, second, weights: weights, to: &target, instructions: instructions)
    }
    var values = [Double](repeating: 0, count: target.count)
    var line = values.mutableSpan
    mean(of: first, second, weights: weights, to: &line, instructions: instructions)
    for index in 0..<target.count { target[index] = rounding(values[index]) }
  }

  /// Gives an old line its new columns: that of one plane, or the mean of that of two.
  ///
  /// - Parameter number: which of the two planes, where they are mixed later.
  /// - Returns: where it is.
  @inline(__always)
  private func scale(
    _ line: Int, _ number: Int, _ tile: ResampledTile, from values: Span<Float>, with rows: inout TileRows,
    at place: (_ plane: Int, _ line: Int) -> Int
  ) -> Range<Int> {
    // Two lines next to each other have different places.
    let slot = 2 * number + line % 2
    let range = rows.range(slot)
    if rows.lines[slot] == line { return range }
    rows.lines[slot] = line
    let (planes, inputs) = (taps.z.taps[tile.plane].indices, columns.inputs(for: tile.columns))
    let first = place(planes[number], line) + inputs.lowerBound
    let second = scalesFirst ? first : place(planes.y, line) + inputs.lowerBound
    var oldLine: [Double] = []
    swap(&oldLine, &rows.old)
    defer { swap(&oldLine, &rows.old) }
    var old = oldLine.mutableSpan
    var part = old._mutatingExtracting(inputs)
    widenMean(
      of: values, starts: (first, second), weights: scalesFirst ? nil : taps.z.pair(tile.plane), to: &part,
      instructions: instructions)
    var scaled = rows.scaled.mutableSpan
    var target = scaled._mutatingExtracting(range)
    columns.pick(tile.columns, of: oldLine.span, to: &target, instructions: instructions)
    return range
  }
}

/// Some voxels of a new plane.
package struct ResampledTile: Sendable {
  /// The new plane.
  package let plane: Int
  package let lines: Range<Int>
  package let columns: Range<Int>

  package init(plane: Int, lines: Range<Int>, columns: Range<Int>) {
    (self.plane, self.lines, self.columns) = (plane, lines, columns)
  }
}

/// What one thread works with while it resamples tiles.
package struct TileRows {
  /// An old line.
  fileprivate var old: [Double] = []
  /// Four old lines with new columns: the last two of one plane, or of each of two.
  fileprivate var scaled: [Double] = []
  /// Which lines these are.
  fileprivate var lines: [Int] = []
  /// A new line of each of two planes.
  fileprivate var mixed: [Double] = []
  private var columns = 0

  package init() {}

  /// Forgets the lines of the tile before.
  fileprivate mutating func begin(width: Int, columns: Int) {
    lines = [Int](repeating: -1, count: 4)
    if old.count != width { old = [Double](repeating: 0, count: width) }
    if self.columns != columns {
      self.columns = columns
      scaled = [Double](repeating: 0, count: 4 * columns)
      mixed = [Double](repeating: 0, count: 2 * columns)
    }
  }

  /// Where a line with new columns lies among some.
  fileprivate func range(_ number: Int) -> Range<Int> { number * columns..<(number + 1) * columns }
}

extension AxisTaps {
  /// How much each of two values counts; `nil` where a new voxel is one old voxel.
  fileprivate func pair(_ output: Int) -> (Double, Double)? {
    count == 1 ? nil : (taps[output].weights.x, taps[output].weights.y)
  }
}

extension Resampling {
  /// Whether planes get their new lines and columns before they are mixed: whatever leaves fewer values to be worked with.
  var scalesPlanesFirst: Bool {
    newExtent.width * newExtent.height <= extent.width * extent.height
  }
}
