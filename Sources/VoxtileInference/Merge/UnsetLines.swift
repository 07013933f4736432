/// The lines of sums that begin with a row of the grid, in the slices that begin with its layer: nothing was added to them.
///
/// Their memory is not cleared, which would take as long as an addition. Patches come along x, so each of them sets the sums
/// behind the last one, and adds to those before. What is between, where a patch was left out, is cleared.
struct UnsetLines {
  /// The lines.
  private(set) var lines = 0..<0
  /// The slices.
  private(set) var slices = 0..<0
  /// How many columns are set.
  private(set) var columns = 0

  init() {}

  init(_ lines: Range<Int>, slices: Range<Int>) {
    self.lines = lines
    self.slices = slices
  }

  /// Notes that the columns before this one are set.
  mutating func set(before column: Int) { columns = max(columns, column) }

  /// The lines of a patch in parts that are set together, or not.
  func parts(of some: Range<Int>, slice: Int) -> [(lines: Range<Int>, areUnset: Bool)] {
    guard slices.contains(slice) else { return [(some, false)] }
    let unset = some.clamped(to: lines)
    return [
      (some.lowerBound..<unset.lowerBound, false), (unset, true), (unset.upperBound..<some.upperBound, false),
    ]
    .filter { !$0.0.isEmpty }
  }
}
