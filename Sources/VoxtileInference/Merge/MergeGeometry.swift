import Voxtile

/// What of a grid's sums has to be held while its patches come in order: x before y before z.
///
/// A row of the grid is summed at a time. When it is complete, its rows of voxels up to the next row's start are final
/// but for later layers: slices that no later layer touches are finished, the others are carried to the next layer.
struct MergeGeometry: Hashable, Sendable {
  /// The grid.
  let grid: PatchGrid

  /// The slices that a layer covers.
  func slices(ofLayer layer: Int) -> Range<Int> { grid.axes.z.validRange(at: layer) }

  /// The first slice that layers behind one touch.
  func finishedSlices(afterLayer layer: Int) -> Int {
    layer + 1 < grid.counts.z
      ? min(max(0, grid.axes.z.starts[layer + 1]), grid.extent.depth) : grid.extent.depth
  }

  /// The lines of voxels that a row of the grid covers.
  func lines(ofRow row: Int) -> Range<Int> { grid.axes.y.validRange(at: row) }

  /// The first line that rows behind one touch.
  func finishedLines(afterRow row: Int) -> Int {
    row + 1 < grid.counts.y
      ? min(max(0, grid.axes.y.starts[row + 1]), grid.extent.height) : grid.extent.height
  }

  /// The slices of the deepest layer.
  var deepestLayer: Int { (0..<grid.counts.z).map { slices(ofLayer: $0).count }.max() ?? 1 }
  /// The lines of the tallest row.
  var tallestRow: Int { (0..<grid.counts.y).map { lines(ofRow: $0).count }.max() ?? 1 }

  /// The most slices that a layer hands on to the next one.
  var mostCarriedSlices: Int {
    (0..<grid.counts.z).map { max(0, slices(ofLayer: $0).upperBound - finishedSlices(afterLayer: $0)) }
      .max() ?? 0
  }

  /// The most slices that are finished with one layer.
  var mostFinishedSlices: Int {
    (0..<grid.counts.z).map { layer in
      finishedSlices(afterLayer: layer) - (layer == 0 ? 0 : finishedSlices(afterLayer: layer - 1))
    }.max() ?? 1
  }

  /// Bytes of the sums of one row of the grid, for a number of planes.
  func rowBytes(planes: Int) -> Int { deepestLayer * planes * tallestRow * grid.extent.width * 4 }

  /// Bytes of what one layer hands on.
  func carryBytes(planes: Int) -> Int {
    mostCarriedSlices * planes * grid.extent.height * grid.extent.width * 4
  }
}
