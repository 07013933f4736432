// What a merger holds whose patches come row by row of the grid, each with x running fastest.

extension MergeSchedule {
  /// The fewest voxels that are merged before their slices are complete. With fewer, finding the patches over them and waking threads
  /// would take a good part of the time of merging them.
  package static let leastVoxels = 1 << 22

  /// The most whole patches that a merger holds (``HeldPatches``). As rows of the image are merged, the rows of the grid that only they
  /// needed go.
  ///
  /// - Complexity: O(layers times the logarithm of their number, and rows of the grid for each kind of layers, of which a grid of
  ///   regular strides has a few).
  var maxHeldPatchesInOrder: Int {
    Set((0..<grid.counts.z).map { HeldLayer(self, $0) }).map { maxHeldRows(in: $0) }.max().map {
      $0 * grid.counts.x
    } ?? 0
  }

  /// The most rows of the grid that are held while the patches of a layer come, of all layers together.
  private func maxHeldRows(in layer: HeldLayer) -> Int {
    // Fewer rows of the image than these may wait to be merged, though they could be.
    let area = grid.extent.width * layer.finishedSlices
    let waiting = area > 0 ? (Self.leastVoxels - 1) / area : grid.extent.height
    var (most, doneRows) = (0, 0)
    for row in 0..<grid.counts.y {
      let merged = finishedRows(afterGridRows: row) - waiting
      while doneRows < row, rows(ofGridRow: doneRows).upperBound <= merged { doneRows += 1 }
      let own = row + 1 - (layer.goesRowByRow ? doneRows : 0)
      most = max(most, layer.kept * grid.counts.y + layer.going * (grid.counts.y - doneRows) + own)
    }
    return most
  }
}

/// What a merger holds while the patches of a layer come, but for its rows. Most layers of a grid are alike.
private struct HeldLayer: Hashable {
  /// The slices that the layer finishes.
  let finishedSlices: Int
  /// Layers before it that later slices need, too, so that no row of theirs goes.
  let kept: Int
  /// Layers before it that only its slices need.
  let going: Int
  /// Whether only its slices need the layer itself.
  let goesRowByRow: Bool

  init(_ schedule: MergeSchedule, _ layer: Int) {
    let first = schedule.finishedSlices(afterLayers: layer)
    let end = max(first, schedule.finishedSlices(afterLayers: layer + 1))
    let firstHeld = min(layer, schedule.firstLayerNeeded(fromSlice: first))
    let firstKept = schedule.firstLayerNeeded(fromSlice: end)
    finishedSlices = end - first
    kept = layer - min(layer, max(firstHeld, firstKept))
    going = layer - firstHeld - kept
    goesRowByRow = layer < firstKept
  }
}
