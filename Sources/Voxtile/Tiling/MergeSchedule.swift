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

  /// The most whole patches that are held until their slices are merged, if all of a layer may come before its first row is
  /// complete: those of the layers that reach into unfinished slices, and of the one that finishes some of them.
  ///
  /// - Complexity: O(number of layers times its logarithm).
  package var maxHeldPatches: Int {
    let layers = (0..<grid.counts.z).map { layer in
      layer - min(layer, firstLayerNeeded(fromSlice: finishedSlices(afterLayers: layer))) + 1
    }
    return (layers.max() ?? 0) * grid.counts.x * grid.counts.y
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
