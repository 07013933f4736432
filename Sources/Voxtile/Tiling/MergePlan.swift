/// All that is known of a merge before the first patch: the grid, the weights, the fill.
struct MergePlan: Sendable {
  let grid: PatchGrid
  let blend: Blend
  let fill: Double
  let axes: PerAxis<AxisBlend>
  /// Whether sums are divided, not multiplied by a reciprocal: where weights are whole numbers, so that a mean can lie just
  /// between two integers, and the reciprocals are not exact.
  let divides: Bool

  init(grid: PatchGrid, blend: Blend, fill: Double) throws(VoxtileError) {
    self.grid = grid
    self.blend = blend
    self.fill = fill
    let axes = try grid.axes.map { (axis, tiling) throws(VoxtileError) in
      try AxisBlend(of: tiling, axis: axis, blend: blend)
    }
    let least = axes.all.reduce(1.0) { product, axis in
      product * (axis.sums.lazy.filter { $0 > 0 }.min() ?? 1)
    }
    guard least >= .leastNormalMagnitude else {
      throw VoxtileError(
        .invalidOption,
        "blend profile '\(blend.profile?.name ?? "")' weighs some voxels less than can be divided by; "
          + "use weights of at least 1e-100",
        context: .init(expected: ">= 1e-100", found: "\(least)"))
    }
    self.axes = axes
    divides = axes.all.allSatisfy(\.hasWholeWeights) && !axes.all.allSatisfy(\.reciprocalsAreExact)
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

  /// The weight of a tile at one of its coordinates.
  func weight(at coordinate: Int, along axis: Axis, ofTile tile: Int) -> Double {
    axes[axis].weights[tile][coordinate - grid.axes[axis].starts[tile]]
  }

  /// The share of a tile in a mean at one of its coordinates.
  func share(at coordinate: Int, along axis: Axis, ofTile tile: Int) -> Double {
    axes[axis].shares[tile][coordinate - grid.axes[axis].starts[tile]]
  }

  /// The places in the grid of the patches over a box, in the order in which values are added.
  func places(over region: Region) -> [Position] {
    axes.z.tiles(over: region.z).flatMap { z in
      axes.y.tiles(over: region.y).flatMap { y in
        axes.x.tiles(over: region.x).map { x in Position(x: x, y: y, z: z) }
      }
    }
  }

  /// Merges one box of the result into memory.
  ///
  /// - Parameters:
  ///   - region: the box.
  ///   - channels: values a voxel.
  ///   - parts: at least the parts of all patches that lie over the box.
  ///   - output: memory for an image of shape `(channels, depth, region.height, region.width)`.
  ///   - firstSlice: the slice of the image with which that memory starts.
  ///   - jobs: how many threads merge.
  func merge<Value: VoxelScalar, Scalar: VoxelScalar>(
    _ region: Region, channels: Int, from parts: PatchParts<Value>,
    into output: UnsafeMutableBufferPointer<Scalar>, firstSlice: Int, jobs: Jobs
  ) {
    guard region.voxelCount > 0 else { return }
    let merger = BlockMerger<Value, Scalar>(plan: self, parts: parts)
    let (width, height) = (region.extent.width, region.extent.height)
    // Long enough that what is decided once a block costs nothing; the sums of a rectangle of it stay in the caches.
    let rowsPerBlock = min(height, max(32, 32768 / width))
    let blocksPerSlice = (height + rowsPerBlock - 1) / rowsPerBlock
    let depth = output.count / (channels * width * height)
    let target = DisjointOutput(output)
    jobs.forEach(channels * region.extent.depth * blocksPerSlice) { index in
      let (plane, part) = index.quotientAndRemainder(dividingBy: blocksPerSlice)
      let (channel, slice) = plane.quotientAndRemainder(dividingBy: region.extent.depth)
      let first = part * rowsPerBlock
      let block = MergeBlock(
        channel: channel, slice: region.z.lowerBound + slice,
        rows: region.y.lowerBound + first..<region.y.lowerBound + min(height, first + rowsPerBlock),
        columns: region.x)
      let start = ((channel * depth + block.slice - firstSlice) * height + first) * width
      target.withPart(start..<start + block.count) { part in merger.merge(block, into: &part) }
    }
  }
}
