/// A part of a block over which the same patches lie.
struct MergeRectangle {
  /// The channel.
  let channel: Int
  /// The slice of the image.
  let slice: Int
  /// The rows of the image.
  let rows: Range<Int>
  /// The columns of the image.
  let columns: Range<Int>
  /// The patches over it, by their place in the grid.
  let tiles: PerAxis<Range<Int>>

  /// The number of values.
  var count: Int { rows.count * columns.count }

  /// The number of patches over each voxel.
  var coverCount: Int { tiles.x.count * tiles.y.count * tiles.z.count }
}

extension MergeBlock {
  /// Where a rectangle lies in the memory of the block; a source is not set.
  func rows(of rectangle: MergeRectangle) -> RowBlock {
    RowBlock(
      rows: rectangle.rows.count, count: rectangle.columns.count, source: 0, sourceStride: 0,
      target: (rectangle.rows.lowerBound - rows.lowerBound) * width
        + rectangle.columns.lowerBound - columns.lowerBound,
      targetStride: width)
  }
}

extension PatchPart {
  /// The rows of the patch over a rectangle.
  func rows(of rectangle: MergeRectangle) -> CoverRows<Value> {
    let first = Position(
      x: rectangle.columns.lowerBound, y: rectangle.rows.lowerBound, z: rectangle.slice)
    return CoverRows(
      voxels: volume.voxels, offset: offset(of: first, channel: rectangle.channel),
      stride: region.extent.width)
  }
}
