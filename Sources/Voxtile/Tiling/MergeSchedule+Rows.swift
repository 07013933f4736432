// What a merger holds whose patches come row by row of the grid, each with x running fastest.

extension MergeSchedule {
  /// The fewest voxels that are merged before their slices are complete. With fewer, finding the patches over them and waking threads
  /// would take a good part of the time of merging them.
  package static let leastVoxels = 1 << 22

  /// The most whole patches that a merger holds (``HeldPatches``). As rows of the image are merged, the rows of the grid that only they
  /// needed go.
  ///
  /// - Complexity: O(layers times the logarithm of their number and rows of the grid).
  var maxHeldPatchesInOrder: Int {
    (0..<grid.counts.z).map(maxHeldRows(inLayer:)).max().map { $0 * grid.counts.x } ?? 0
  }

  /// The most rows of the grid that are held while the patches of a layer come, of all layers together.
  private func maxHeldRows(inLayer layer: Int) -> Int {
    // The slices that the layer finishes, and the layers before it that they need.
    let slices =
      finishedSlices(
        afterLayers: layer)..<max(
        finishedSlices(afterLayers: layer), finishedSlices(afterLayers: layer + 1))
    let before = min(layer, firstLayerNeeded(fromSlice: slices.lowerBound))..<layer
    // Of those that later slices need, too, no row goes.
    let firstKept = firstLayerNeeded(fromSlice: slices.upperBound)
    let kept = before.count { $0 >= firstKept }
    let going = before.count - kept
    // Fewer rows of the image than these may wait to be merged, though they could be.
    let area = grid.extent.width * slices.count
    let waiting = area > 0 ? (Self.leastVoxels - 1) / area : grid.extent.height
    var (most, doneRows) = (0, 0)
    for row in 0..<grid.counts.y {
      let merged = finishedRows(afterGridRows: row) - waiting
      while doneRows < row, rows(ofGridRow: doneRows).upperBound <= merged { doneRows += 1 }
      let own = row + 1 - (layer < firstKept ? doneRows : 0)
      most = max(most, kept * grid.counts.y + going * (grid.counts.y - doneRows) + own)
    }
    return most
  }
}
