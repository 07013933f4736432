/// How the values of an image lie in a buffer that need not be dense: distances from one value to the next, in values.
///
///     BufferLayout.planar(extent)                                      // as a Volume: x fastest, channels apart
///     BufferLayout.planar(extent, rowLength: 512)                      // rows that are longer than the image
///     BufferLayout.interleaved(extent, channels: 3, rowLength: 2048)   // RGBRGB...
///
/// The value of channel `c` of voxel `(x, y, z)` is the one at `x * column + y * row + z * slice + c * channel`.
public struct BufferLayout: Hashable, Sendable {
  /// From one value to that of the next voxel in its row.
  public let column: Int
  /// From one row to the next.
  public let row: Int
  /// From one slice to the next.
  public let slice: Int
  /// From one channel to the next.
  public let channel: Int

  /// Creates a layout.
  ///
  /// - Precondition: no distance is negative, and that of columns is at least 1.
  public init(column: Int = 1, row: Int, slice: Int, channel: Int) {
    precondition(
      column >= 1 && row >= 0 && slice >= 0 && channel >= 0,
      "a distance in a buffer is negative, or a column's is 0")
    self.column = column
    self.row = row
    self.slice = slice
    self.channel = channel
  }

  /// Channels one after another, of shape `(channels, depth, height, width)`.
  ///
  /// - Parameters:
  ///   - extent: the size of the image.
  ///   - rowLength: values from one row to the next; the width of the image where it is `nil`.
  public static func planar(_ extent: Extent, rowLength: Int? = nil) -> BufferLayout {
    let row = rowLength ?? extent.width
    return BufferLayout(
      row: row, slice: row * extent.height, channel: row * extent.height * extent.depth)
  }

  /// The values of a voxel one after another, of shape `(depth, height, width, channels)`.
  ///
  /// - Parameters:
  ///   - extent: the size of the image.
  ///   - channels: values per voxel.
  ///   - rowLength: values from one row to the next; `width * channels` where it is `nil`. For pixels of `UInt8` it is the
  ///     row's length in bytes.
  public static func interleaved(
    _ extent: Extent, channels: Int, rowLength: Int? = nil
  ) -> BufferLayout {
    let row = rowLength ?? extent.width * channels
    return BufferLayout(column: channels, row: row, slice: row * extent.height, channel: 1)
  }

  /// The number of values from the first to the last one of an image; 0 where it has none.
  ///
  /// - Precondition: the number fits an `Int`.
  public func valueCount(of extent: Extent, channels: Int) -> Int {
    guard extent.voxelCount > 0, channels > 0 else { return 0 }
    return (extent.width - 1) * column + (extent.height - 1) * row + (extent.depth - 1) * slice
      + (channels - 1) * channel + 1
  }

  /// Throws where a buffer ends before the image does.
  func check(_ extent: Extent, channels: Int, in count: Int) throws(VoxtileError) {
    let needed = valueCount(of: extent, channels: channels)
    guard channels >= 1, needed <= count else {
      throw VoxtileError(
        .shapeMismatch,
        "\(channels) channels of \(extent) voxels need a buffer of \(needed) values, but it has \(count)",
        context: .init(expected: ">= \(needed)", found: "\(count)"))
    }
  }
}

extension Volume {
  /// Creates a volume from values in memory of the caller's, such as the pixels of a picture.
  ///
  ///     let extent = Extent(width: 2, height: 1)
  ///     let pixels: [UInt8] = [1, 2, 3, 4, 5, 6]  // RGBRGB
  ///     try Volume(
  ///       extent: extent, channels: 3, copying: pixels.span, lying: .interleaved(extent, channels: 3)
  ///     ).voxels  // [1, 4, 2, 5, 3, 6]
  ///
  /// - Parameters:
  ///   - extent: the size in voxels.
  ///   - channels: values per voxel, at least 1.
  ///   - values: the values.
  ///   - layout: how they lie there.
  ///   - metadata: where the volume lies in the world.
  /// - Throws: ``VoxtileError/Code-swift.struct/shapeMismatch`` where there is no channel or the values end too early.
  /// - Complexity: O(values).
  public init(
    extent: Extent, channels: Int = 1, copying values: Span<Scalar>, lying layout: BufferLayout,
    metadata: VolumeMetadata = VolumeMetadata()
  ) throws(VoxtileError) {
    try layout.check(extent, channels: channels, in: values.count)
    var voxels = [Scalar](unsetCount: extent.voxelCount * channels)
    var target = voxels.mutableSpan
    BoxCutter(image: extent, region: Region(extent), padding: .edge, step: layout.column)
      .cut(channels: channels, from: values, lying: layout, into: &target)
    self.init(checked: extent, channels: channels, voxels: voxels, metadata: metadata)
  }
}

extension PatchGrid {
  /// Cuts one patch out of an image in memory of the caller's, into memory of the caller's.
  ///
  ///     try grid.cut(grid[0], from: pixels.span, into: &tensor)
  ///
  /// - Parameters:
  ///   - patch: a patch of this grid.
  ///   - channels: values per voxel, at least 1.
  ///   - image: the values of the whole image.
  ///   - layout: how they lie there; as in a ``Volume`` where it is `nil`.
  ///   - target: memory for the patch, of shape `(channels, depth, height, width)` of `patch.region.extent`. Voxels outside
  ///     the image are made by the grid's padding.
  /// - Throws: ``VoxtileError/Code-swift.struct/shapeMismatch`` where the patch is of another grid, the image ends too
  ///   early, or the target has another size.
  /// - Complexity: O(voxels of the patch).
  public func cut<Scalar: VoxelScalar>(
    _ patch: Patch, channels: Int = 1, from image: Span<Scalar>, lying layout: BufferLayout? = nil,
    into target: inout MutableSpan<Scalar>
  ) throws(VoxtileError) {
    guard indices.contains(patch.index), self[patch.index] == patch else {
      throw VoxtileError(
        .shapeMismatch, "\(patch) is not of the grid that is cut; use the patches of that grid")
    }
    let layout = layout ?? .planar(extent)
    try layout.check(extent, channels: channels, in: image.count)
    let size = patch.region.voxelCount * channels
    guard target.count == size else {
      throw VoxtileError(
        .shapeMismatch,
        "\(channels) channels of \(patch.region.extent) voxels do not fit memory for \(target.count) values",
        context: .init(expected: "\(size)", found: "\(target.count)"))
    }
    BoxCutter(image: extent, region: patch.region, padding: patch.padding, step: layout.column)
      .cut(channels: channels, from: image, lying: layout, into: &target)
  }
}
