/// The rows of one patch over a rectangle of the image.
struct CoverRows<Value: VoxelScalar> {
  /// The voxels of the patch.
  let voxels: [Value]
  /// Where the first row starts.
  let offset: Int
  /// From one row to the next.
  let stride: Int

  /// Where a row lies.
  @inline(__always)
  func range(ofRow row: Int, count: Int) -> Range<Int> {
    let start = offset + row * stride
    return start..<start + count
  }

  /// One value.
  @inline(__always)
  func value(row: Int, column: Int) -> Value { voxels[offset + row * stride + column] }
}
