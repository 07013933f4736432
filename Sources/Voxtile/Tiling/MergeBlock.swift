/// The part of one channel and one slice that is merged at a time.
struct MergeBlock {
  /// The channel.
  let channel: Int
  /// The slice of the image.
  let slice: Int
  /// The rows of the image.
  let rows: Range<Int>
  /// The columns of the image.
  let columns: Range<Int>

  /// The number of values in a row of the block.
  var width: Int { columns.count }

  /// The number of values in the block.
  var count: Int { rows.count * width }

  /// The rectangle that a part of a patch shares with the block, in the memory of both.
  func rectangle(
    of part: PatchPart<some VoxelScalar>, rows shared: Range<Int>, columns sharedColumns: Range<Int>
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
