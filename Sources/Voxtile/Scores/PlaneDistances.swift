/// For each point of some rows of a plane the steps to the nearest marked point of that plane.
///
/// This is the exact, separable distance transform: first along y, row by row; then along x, where the nearest column at each point is
/// that of the lowest parabola over it (Felzenszwalb and Huttenlocher, 2012). Steps are kept, not distances: they are exact and take
/// four bytes a point.
enum PlaneDistances {
  /// The most points along an axis: steps are kept in 16 bits.
  static let maximumSide = Int(UInt16.max)
  /// What a point has whose plane has no marked point.
  static let none = UInt32.max

  /// Measures a plane in which at least one point is marked.
  ///
  /// - Parameters:
  ///   - marks: not 0 at marked points; row by row.
  ///   - width: the number of points in a row, less than ``maximumSide``.
  ///   - rows: the rows to measure.
  ///   - spacing: the distance between points in mm.
  ///   - steps: gets for each point of the rows the steps along x times 65,536, plus those along y.
  /// - Complexity: O(points) of the plane, and memory for four bytes a point beside the result.
  static func measure(
    to marks: [UInt8], width: Int, rows: Range<Int>, spacing: PerAxis<Double>,
    into steps: inout MutableSpan<UInt32>
  ) {
    let columns = stepsInColumns(to: marks, width: width, rows: rows)
    var envelope = LowerEnvelope(width: width, spacing: spacing)
    let source = columns.span
    for row in 0..<rows.count {
      var line = steps._mutatingExtracting(row * width..<(row + 1) * width)
      envelope.findNearest(source.extracting(row * width..<(row + 1) * width), into: &line)
    }
  }

  /// For each point of some rows the steps to the nearest marked point of its column; `UInt16.max` where that has none.
  private static func stepsInColumns(to marks: [UInt8], width: Int, rows: Range<Int>) -> [UInt16] {
    let height = marks.count / width
    var steps = [UInt16](repeating: .max, count: width * rows.count)
    var last = [UInt16](repeating: .max, count: width)
    let marks = marks.span
    var target = steps.mutableSpan
    var nearest = last.mutableSpan
    for y in 0..<rows.upperBound {
      advance(&nearest, past: marks.extracting(y * width..<(y + 1) * width))
      guard y >= rows.lowerBound else { continue }
      var line = target._mutatingExtracting((y - rows.lowerBound) * width..<(y - rows.lowerBound + 1) * width)
      for x in 0..<width { line[x] = nearest[x] }
    }
    for x in 0..<width { nearest[x] = .max }
    for y in (rows.lowerBound..<height).reversed() {
      advance(&nearest, past: marks.extracting(y * width..<(y + 1) * width))
      guard y < rows.upperBound else { continue }
      var line = target._mutatingExtracting((y - rows.lowerBound) * width..<(y - rows.lowerBound + 1) * width)
      for x in 0..<width { line[x] = min(line[x], nearest[x]) }
    }
    return steps
  }

  /// One step further from the last marked point of each column; 0 where a row marks one.
  private static func advance(_ nearest: inout MutableSpan<UInt16>, past marks: Span<UInt8>) {
    for x in 0..<marks.count {
      let next = nearest[x] == .max ? .max : nearest[x] + 1
      nearest[x] = marks[x] == 0 ? next : 0
    }
  }
}

/// The lowest of the parabolas over a row, each the squared distance to the nearest marked point of one column.
private struct LowerEnvelope {
  /// The squared ratio of the spacings along y and x, halved.
  private let scale: Double
  /// The parabolas that are lowest somewhere, from left to right.
  private var parabolas: [Parabola]

  private struct Parabola {
    var column: Int32 = 0
    /// Half of the squared steps within the column, in steps along x, plus half of its squared place.
    var height = 0.0
    /// From which place on it is the lowest.
    var start = 0.0
  }

  init(width: Int, spacing: PerAxis<Double>) {
    let ratio = spacing.y / spacing.x
    scale = 0.5 * ratio * ratio
    parabolas = [Parabola](repeating: Parabola(), count: width)
  }

  /// Writes for each point of a row the steps along x to the nearest column, and those along y within it.
  ///
  /// - Precondition: at least one column has a marked point.
  mutating func findNearest(_ stepsInColumns: Span<UInt16>, into steps: inout MutableSpan<UInt32>) {
    let count = build(stepsInColumns)
    let lowestParts = parabolas.span
    var lowest = 0
    for x in 0..<steps.count {
      while lowest + 1 < count, lowestParts[lowest + 1].start < Double(x) { lowest += 1 }
      let column = Int(lowestParts[lowest].column)
      steps[x] = UInt32(abs(x - column)) << 16 | UInt32(stepsInColumns[column])
    }
  }

  /// Finds the parabolas that are lowest somewhere.
  ///
  /// - Returns: how many there are.
  private mutating func build(_ stepsInColumns: Span<UInt16>) -> Int {
    let scale = scale
    var parabolas = parabolas.mutableSpan
    var count = 0
    for x in 0..<stepsInColumns.count where stepsInColumns[x] != .max {
      let (place, rise) = (Double(x), Double(stepsInColumns[x]))
      let height = rise * rise * scale + 0.5 * place * place
      var start = -Double.infinity
      while count > 0 {
        let last = parabolas[count - 1]
        start = (height - last.height) / (place - Double(last.column))
        if start > last.start { break }
        count -= 1
        start = -.infinity
      }
      parabolas[count] = Parabola(column: Int32(x), height: height, start: start)
      count += 1
    }
    return count
  }
}
