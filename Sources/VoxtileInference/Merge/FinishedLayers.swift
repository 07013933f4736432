import Voxtile

/// Takes the lines of sums that are final, layer after layer of patches, and writes what becomes of them.
protocol FinishedLayers: AnyObject {
  /// What is written.
  var kinds: Set<PredictionKind> { get }
  /// How many slices before those of a layer, and lines before those of a row of the grid, it still looks at: 0 or 1.
  var linesBefore: Int { get }

  /// Goes on after a stopped run, which has finished some slices of the grid: writes again what that has written.
  func resume(after slices: Int, from state: PredictionState, to writers: [PredictionKind: any VolumeWriter])
    throws
  /// Begins anywhere, after so many slices of the grid.
  func begin(after slices: Int)
  /// Begins a layer, which finishes some slices of the grid.
  func begin(_ slices: Range<Int>) throws
  /// Takes lines of these slices, once they are final, from the first line to the last.
  ///
  /// - Parameter slices: those of them that have values.
  func take(_ lines: Range<Int>, ofSlices slices: Range<Int>, from sums: GridRowSums)
  /// Writes a layer.
  func end(_ slices: Range<Int>) throws
  /// Writes what comes after the grid.
  func endGrid() throws
  /// Completes what is written.
  func finish() throws
}
