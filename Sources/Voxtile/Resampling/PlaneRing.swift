/// The planes of a streamed axis that are still needed, and nothing else.
///
/// Planes are appended in order and become coefficients in blocks, ``AxisResampling/splineReach`` planes after they came. Blocks
/// begin at the same planes however many are appended at a time, so that the bits never depend on it.
struct PlaneRing: Sendable {
  private let filter: LineFilter
  private let jobs: Jobs
  /// The values of a plane.
  private let area: Int
  /// How many planes are held.
  let slotCount: Int
  /// Tile after tile, and in each tile slot after slot: what one thread works on lies together.
  private var slots: [Double]
  /// How many rows of the line have been appended, those added at its ends included.
  private var appended = 0
  /// How many of them can be evaluated.
  private(set) var done = 0

  /// The coefficients that are made at a time.
  static let block = 32
  /// Planes that are appended at a time where there is no spline.
  private static let batch = 8
  /// Values of a plane that one thread works on at a time, so that all slots of them stay in its cache.
  private static let tile = 2048

  init(_ taps: AxisTaps, area: Int, jobs: Jobs) {
    filter = LineFilter(taps)
    self.area = area
    self.jobs = jobs
    slotCount = Self.slotCount(taps)
    slots = [Double](unsetCount: slotCount * area)
  }

  /// How many planes are held for an axis.
  static func slotCount(_ taps: AxisTaps) -> Int {
    taps.spline == nil ? min(taps.lineLength, batch + 2) : block + AxisResampling.splineReach + 4
  }

  /// Begins with a later row: those before it are not appended.
  ///
  /// - Precondition: there is no spline, which needs all rows before.
  mutating func begin(atRow first: Int) {
    precondition(filter.taps.spline == nil && appended == 0, "a spline needs all rows")
    (appended, done) = (first, first)
  }

  private var length: Int { filter.taps.lineLength }

  /// The first plane that is appended next.
  var nextSource: Int { source(of: appended) }

  /// The plane that a row of the line is made from.
  private func source(of row: Int) -> Int {
    min(max(row - filter.firstRow, 0), length - 2 * filter.firstRow - 1)
  }

  /// Makes more planes ready to be evaluated, which forgets those that no later one needs.
  ///
  /// - Parameters:
  ///   - queue: planes one after another.
  ///   - sources: which ones they are.
  /// - Returns: whether there are more; if not, more planes have to be given.
  mutating func advance(with queue: [Double], _ sources: Range<Int>) -> Bool {
    guard done < length else { return false }
    let isAll = sources.upperBound == length - 2 * filter.firstRow
    let given = isAll ? length : sources.isEmpty ? appended : sources.upperBound + filter.firstRow
    guard let spline = filter.taps.spline else {
      let end = min(given, appended + Self.batch)
      guard end > appended else { return false }
      append(queue, sources, upTo: end)
      done = end
      return true
    }
    // The last row alone is no block: where a line is mirrored, its coefficient needs the row before as it came.
    let end = length - done <= Self.block + 1 ? length : done + Self.block
    let known = max(min(length, end + AxisResampling.splineReach), spline.startLength(lineLength: length))
    if min(given, known) > appended { append(queue, sources, upTo: min(given, known)) }
    guard appended >= known else { return false }
    finishBlock(done..<end, known: known, spline)
    done = end
    return true
  }

  private mutating func append(_ queue: [Double], _ sources: Range<Int>, upTo end: Int) {
    let (rows, area, slotCount, filter, this) = (appended..<end, area, slotCount, filter, Places(self))
    let origins = rows.map { (source(of: $0) - sources.lowerBound) * area }
    jobs.forEachPart(of: &slots, size: slotCount * Self.tile) { tile, part in
      let lanes = part.count / slotCount
      for (row, origin) in zip(rows, origins) {
        var line = part._mutatingExtracting(this.range(row, lanes))
        mix(
          queue.span, starts: SIMD4(repeating: origin + tile * Self.tile), weights: .one, count: 1, to: &line)
      }
      guard let spline = filter.taps.spline else { return }
      let startLength = spline.startLength(lineLength: filter.taps.lineLength)
      guard rows.upperBound >= startLength else { return }
      var carry = [Double](repeating: 0, count: lanes)
      var carryRow = carry.mutableSpan
      var next = rows.lowerBound
      if next < startLength {
        filter.setStart(of: part.span, lanes: lanes, row: { this.range($0, lanes).lowerBound }, to: &carryRow)
        var line = part._mutatingExtracting(this.range(0, lanes))
        mix(carryRow.span, starts: .zero, weights: .one, count: 1, to: &line)
        next = 1
      } else {
        let before = this.range(next - 1, lanes).lowerBound
        mix(part.span, starts: SIMD4(repeating: before), weights: .one, count: 1, to: &carryRow)
      }
      for row in next..<rows.upperBound {
        var line = part._mutatingExtracting(this.range(row, lanes))
        splineStepForward(&line, gain: SplineEnds.gain, pole: SplineEnds.pole, carry: &carryRow)
      }
    }
    appended = end
  }

  /// Goes back over a block, from some rows further on.
  private mutating func finishBlock(_ rows: Range<Int>, known: Int, _ spline: SplineEnds) {
    let (isEnd, slotCount, this) = (known == length, slotCount, Places(self))
    jobs.forEachPart(of: &slots, size: slotCount * Self.tile) { _, part in
      let lanes = part.count / slotCount
      var carry = [Double](repeating: 0, count: lanes)
      var carryRow = carry.mutableSpan
      let (last, before) = (this.range(known - 1, lanes), this.range(max(0, known - 2), lanes))
      for lane in 0..<lanes {
        let value = part[last.lowerBound + lane]
        carryRow[lane] =
          isEnd ? spline.last(value, before: part[before.lowerBound + lane]) : value * SplineEnds.guess
        if rows.contains(known - 1) { part[last.lowerBound + lane] = carryRow[lane] }
      }
      for row in (rows.upperBound..<max(rows.upperBound, known - 1)).reversed() {
        splineLookBack(
          part.span.extracting(this.range(row, lanes)), pole: SplineEnds.pole, carry: &carryRow)
      }
      for row in (rows.lowerBound..<min(rows.upperBound, known - 1)).reversed() {
        var line = part._mutatingExtracting(this.range(row, lanes))
        splineStepBack(&line, pole: SplineEnds.pole, carry: &carryRow)
      }
    }
  }

  /// Writes one new plane.
  ///
  /// - Precondition: all that it needs is below ``done`` and has not been forgotten.
  func evaluate(_ output: Int, to target: inout MutableSpan<Double>) {
    let places = Places(self)
    for first in stride(from: 0, to: area, by: Self.tile) {
      let lanes = min(Self.tile, area - first)
      var part = target._mutatingExtracting(first..<first + lanes)
      filter.evaluate(
        output, of: slots.span, row: { slotCount * first + places.range($0, lanes).lowerBound }, to: &part)
    }
  }

  /// Where rows lie in a tile.
  private struct Places: Sendable {
    let slotCount: Int
    init(_ ring: PlaneRing) { slotCount = ring.slotCount }
    @inline(__always)
    func range(_ row: Int, _ lanes: Int) -> Range<Int> {
      let start = row % slotCount * lanes
      return start..<start + lanes
    }
  }
}
