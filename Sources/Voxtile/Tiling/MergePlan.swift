/// All that is known of a merge before the first patch: the grid, the weights, the fill.
struct MergePlan: Sendable {
  let grid: PatchGrid
  let blend: Blend
  let fill: Double
  let axes: PerAxis<AxisBlend>
  /// Whether a division can be left to a multiplication without a difference in the result.
  let reciprocalsAreExact: Bool

  init(grid: PatchGrid, blend: Blend, fill: Double) throws(VoxtileError) {
    self.grid = grid
    self.blend = blend
    self.fill = fill
    let axes = try grid.axes.map { (axis, tiling) throws(VoxtileError) in
      try AxisBlend(of: tiling, axis: axis, blend: blend)
    }
    self.axes = axes
    reciprocalsAreExact = axes.all.allSatisfy(\.reciprocalsAreExact)
  }

  /// The number of slices, from the first on, that no layer behind the given number of layers touches.
  func finishedSlices(afterLayers count: Int) -> Int {
    count < grid.counts.z ? max(0, grid.axes.z.starts[count]) : grid.extent.depth
  }

  /// The first layer that slices from the given one on still need.
  func firstLayerNeeded(fromSlice slice: Int) -> Int {
    guard slice < grid.extent.depth else { return grid.counts.z }
    return axes.z.covering[slice...].first { !$0.isEmpty }?.lowerBound ?? grid.counts.z
  }
}

/// The part of one channel and one slice that is merged at a time.
struct MergeBlock {
  /// The channel.
  let channel: Int
  /// The slice of the image.
  let slice: Int
  /// The rows of the image.
  let rows: Range<Int>
  /// The width of the image.
  let width: Int

  /// The number of values in the block.
  var count: Int { rows.count * width }

  /// The rectangle that a patch shares with the block, as rows of the patch and of the block.
  func rectangle(of patch: Patch, rows part: Range<Int>, columns: Range<Int>) -> RowBlock {
    let region = patch.region
    let plane = channel * region.extent.depth + slice - region.origin.z
    return RowBlock(
      rows: part.count, count: columns.count,
      source: (plane * region.extent.height + part.lowerBound - region.origin.y) * region.extent.width
        + columns.lowerBound - region.origin.x,
      sourceStride: region.extent.width,
      target: (part.lowerBound - rows.lowerBound) * width + columns.lowerBound,
      targetStride: width)
  }
}
