/// A rectangle of one channel and one slice of the result, and the patches over it.
struct MergeBlock {
  /// The channel.
  let channel: Int
  /// The slice of the image.
  let slice: Int
  /// The rows of the image.
  let rows: Range<Int>
  /// The columns of the image.
  let columns: Range<Int>
  /// The patches that hold some voxel of it, by their places along each axis of the grid.
  let patches: PerAxis<Range<Int>>

  /// The number of values in a row of the block.
  var width: Int { columns.count }

  /// The number of values in the block.
  var count: Int { rows.count * width }

  /// The number of patches over the block, which is that over each voxel where all of them hold all of it.
  var coverCount: Int { patches.x.count * patches.y.count * patches.z.count }

  /// The places in the grid of the patches over the block: z before y before x, the order in which values are added.
  var places: [Position] { patches.gridPlaces }

  /// Where a part of the block lies in the memory of the block; a source is not set.
  func rows(of part: MergeBlock) -> RowBlock {
    RowBlock(
      rows: part.rows.count, count: part.columns.count, source: 0, sourceStride: 0,
      target: (part.rows.lowerBound - rows.lowerBound) * width
        + part.columns.lowerBound - columns.lowerBound,
      targetStride: width)
  }

  /// The rectangle that a part of a patch shares with the block, in the memory of both.
  func rectangle(
    of part: PlacedVolume<some VoxelScalar>, rows shared: Range<Int>, columns sharedColumns: Range<Int>
  ) -> RowBlock {
    RowBlock(
      rows: shared.count, count: sharedColumns.count,
      source: part.offset(
        of: Position(x: sharedColumns.lowerBound, y: shared.lowerBound, z: slice), channel: channel),
      sourceStride: part.region.extent.width,
      target: (shared.lowerBound - rows.lowerBound) * width
        + sharedColumns.lowerBound - columns.lowerBound,
      targetStride: width)
  }
}

extension PlacedVolume {
  /// The rows of the volume over a block.
  func rows(of block: MergeBlock) -> CoverRows<Scalar> {
    let first = Position(x: block.columns.lowerBound, y: block.rows.lowerBound, z: block.slice)
    return CoverRows(
      voxels: volume.voxels, offset: offset(of: first, channel: block.channel),
      stride: region.extent.width)
  }
}
