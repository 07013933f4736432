/// The runs of all components of an image, row by row, each with the number of its component: 1 for the first.
package struct ComponentRuns: Sendable {
  private let rows: RunsOfSlice

  init(_ rows: RunsOfSlice) { self.rows = rows }

  /// How many runs there are.
  package var count: Int { rows.runs.count }

  /// Calls a body with each run of a row, in ascending order, and the number of its component.
  ///
  /// - Parameter row: `z * height + y`.
  package func forEach(inRow row: Int, _ body: (_ run: LabelRun, _ number: UInt32) -> Void) {
    for index in rows.runs(inRow: row) { body(rows.runs[index], rows.numbers[index]) }
  }
}
