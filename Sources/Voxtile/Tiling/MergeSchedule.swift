/// When what of a merge is final, and what it holds until then, if patches come layer by layer.
///
/// A slice is final when no later layer of the grid touches it. Sums of predictions go further and finish a row of the grid
/// at a time: its rows of voxels are final, but for later layers, up to the start of the next row.
package struct MergeSchedule: Hashable, Sendable {
  /// The grid.
  package let grid: PatchGrid

  /// Looks at the merge of a grid.
  package init(_ grid: PatchGrid) {
    self.grid = grid
  }

  /// The slices that a layer covers.
  package func slices(ofLayer layer: Int) -> Range<Int> { grid.axes.z.validRange(at: layer) }

  /// The rows of voxels that a row of the grid covers.
  package func rows(ofGridRow row: Int) -> Range<Int> { grid.axes.y.validRange(at: row) }

  /// The number of slices, from the first on, that no layer after the given number of layers touches.
  package func finishedSlices(afterLayers count: Int) -> Int { grid.axes.z.finished(afterPatches: count) }

  /// The number of rows of voxels, from the first on, that no row of the grid after the given number of rows touches.
  package func finishedRows(afterGridRows count: Int) -> Int { grid.axes.y.finished(afterPatches: count) }

  /// The first layer that slices from the given one on still need; the number of layers where none does.
  ///
  /// - Complexity: O(log of the number of layers).
  package func firstLayerNeeded(fromSlice slice: Int) -> Int {
    grid.axes.z.starts.indices.partitioningIndex { slices(ofLayer: $0).upperBound > slice }
  }

  /// The slices of the deepest layer.
  package var deepestLayer: Int { grid.axes.z.longestValidRange }

  /// The rows of voxels of the tallest row of the grid.
  package var tallestRow: Int { grid.axes.y.longestValidRange }

  /// The most slices that a layer shares with later ones.
  package var maxCarriedSlices: Int {
    (0..<grid.counts.z).map { layer in
      max(0, slices(ofLayer: layer).upperBound - finishedSlices(afterLayers: layer + 1))
    }.max() ?? 0
  }

  /// The most slices that become final with one layer.
  package var maxFinishedSlices: Int {
    (0..<grid.counts.z).map { layer in
      finishedSlices(afterLayers: layer + 1) - (layer == 0 ? 0 : finishedSlices(afterLayers: layer))
    }.max() ?? 1
  }

  /// The fewest voxels that are merged before their slices are complete. With fewer, finding the patches over them would take
  /// longer than merging them.
  package static let leastVoxels = 1 << 20

  /// The most whole patches that are held until they are merged: those of the layers that reach into unfinished slices, but for
  /// rows of the grid that are done.
  ///
  /// - Complexity: O(layers times the logarithm of their number and rows of the grid).
  package var maxHeldPatches: Int {
    (0..<grid.counts.z).map(maxHeldRows(inLayer:)).max().map { $0 * grid.counts.x } ?? 0
  }

  /// The most rows of the grid that are held while the patches of a layer come, of all layers together.
  private func maxHeldRows(inLayer layer: Int) -> Int {
    let (merged, end) = (finishedSlices(afterLayers: layer), finishedSlices(afterLayers: layer + 1))
    let area = grid.extent.width * max(0, end - merged)
    // Layers that later slices need, too, keep all rows.
    let (first, firstKept) = (firstLayerNeeded(fromSlice: merged), firstLayerNeeded(fromSlice: end))
    let keptLayers = max(0, layer - max(first, firstKept))
    let shrinkingLayers = max(0, min(layer, firstKept) - first)
    let isKept = firstKept <= layer
    var (most, mergedRows, doneRows) = (0, 0, 0)
    for row in 0..<grid.counts.y {
      let own = row + 1 - (isKept ? 0 : doneRows)
      most = max(most, keptLayers * grid.counts.y + shrinkingLayers * (grid.counts.y - doneRows) + own)
      let rows = row + 1 < grid.counts.y ? finishedRows(afterGridRows: row + 1) : mergedRows
      guard rows > mergedRows, (rows - mergedRows) * area >= Self.leastVoxels else { continue }
      mergedRows = rows
      while doneRows < grid.counts.y, self.rows(ofGridRow: doneRows).upperBound <= rows { doneRows += 1 }
    }
    return most
  }

  /// The most voxels that all patches over one slice have in it.
  ///
  /// - Complexity: O(depth + patches along the three axes).
  package var maxVoxelsOverSlice: Int {
    grid.axes.x.patchVoxels * grid.axes.y.patchVoxels * (grid.axes.z.counts.max() ?? 0)
  }
}

extension MergeSchedule {
  /// The most voxels that all patches over one row of one slice have in it.
  ///
  /// - Complexity: O(height + depth + patches along the three axes).
  package var maxVoxelsOverRow: Int {
    grid.axes.x.patchVoxels * (grid.axes.y.counts.max() ?? 0) * (grid.axes.z.counts.max() ?? 0)
  }
}

extension AxisTiling {
  /// The number of voxels, from the first on, that no patch after the given number of patches holds.
  fileprivate func finished(afterPatches count: Int) -> Int {
    count < self.count ? min(max(0, starts[count]), length) : length
  }

  /// The most voxels of the image that one patch holds.
  fileprivate var longestValidRange: Int { starts.indices.map { validRange(at: $0).count }.max() ?? 1 }
}
