/// The runs of some rows that follow each other, each with the number of the component that it belongs to.
struct RunsOfSlice: Sendable {
  private(set) var runs: [LabelRun] = []
  /// The number of each run's component, which may have been joined to another one since.
  var numbers: [UInt32] = []
  /// For each row the place after its last run.
  private(set) var ends: [Int] = []

  /// How many rows there are.
  var rowCount: Int { ends.count }

  /// The places of a row's runs; empty for a row that is not there.
  func runs(inRow row: Int) -> Range<Int> {
    if row == ends.count, let last = ends.last { return last..<runs.count }
    guard ends.indices.contains(row) else { return 0..<0 }
    return (row == 0 ? 0 : ends[row - 1])..<ends[row]
  }

  /// The places of the runs of a row that touch a run of another row.
  ///
  /// - Parameter reach: 0 where they have to share a column, 1 where they may meet at a corner.
  /// - Complexity: O(log *r* + *t*) for *r* runs in the row, of which *t* touch.
  func touching(_ run: LabelRun, inRow row: Int, reach: Int) -> Range<Int> {
    let places = runs(inRow: row)
    // The first that does not end before the run.
    var (low, high) = (places.lowerBound, places.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].x.upperBound + reach <= run.x.lowerBound { low = middle + 1 } else { high = middle }
    }
    var end = low
    while end < places.upperBound, runs[end].x.lowerBound < run.x.upperBound + reach { end += 1 }
    return low..<end
  }

  mutating func append(_ run: LabelRun, number: UInt32) {
    runs.append(run)
    numbers.append(number)
  }

  mutating func endRow() { ends.append(runs.count) }

  /// Adds the rows of another slice.
  mutating func append(_ other: RunsOfSlice) {
    let before = runs.count
    runs.append(contentsOf: other.runs)
    numbers.append(contentsOf: other.numbers)
    ends.append(contentsOf: other.ends.map { before + $0 })
  }

  mutating func removeAll() {
    runs.removeAll(keepingCapacity: true)
    numbers.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }
}
