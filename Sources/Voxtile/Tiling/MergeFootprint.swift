/// What a merge holds at most, when patches come layer by layer.
public struct MergeFootprint: Hashable, Sendable {
  /// The number of whole patches that are held until their slices are merged.
  public let patches: Int
  /// The number of slices that become complete at once.
  public let slices: Int
  /// The voxels that all patches over one slice have in it.
  public let voxelsPerSlice: Int

  /// Counts what merging a grid holds.
  ///
  /// - Complexity: O(depth + patches along the three axes).
  public init(of grid: PatchGrid) {
    let starts = grid.axes.z.starts
    var layers = 0
    var slices = 0
    var merged = 0
    var first = 0
    for layer in starts.indices {
      // The layers that reach into slices not merged yet, and the one that completes some of them.
      while first < layer, grid.axes.z.range(at: first).upperBound <= merged { first += 1 }
      layers = max(layers, layer - first + 1)
      let end = layer + 1 < starts.count ? max(0, starts[layer + 1]) : grid.extent.depth
      slices = max(slices, end - merged)
      merged = max(merged, end)
    }
    patches = layers * grid.counts.x * grid.counts.y
    self.slices = slices
    voxelsPerSlice =
      grid.axes.x.patchVoxels * grid.axes.y.patchVoxels * (grid.axes.z.counts.max() ?? 0)
  }
}
