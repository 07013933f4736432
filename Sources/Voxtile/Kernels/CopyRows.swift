internal import CVoxtileKernels

/// Copies a rectangle of rows.
///
/// Rows are copied as bytes, so one body serves every scalar type at full speed.
///
/// - Parameter isReadSoon: whether the target is read while it would still be in the caches.
func copyRows<Scalar: VoxelScalar>(
  _ block: RowBlock, from source: Span<Scalar>, into target: inout MutableSpan<Scalar>,
  isReadSoon: Bool = true
) {
  guard block.rows > 0, block.count > 0 else { return }
  precondition(
    block.source >= 0 && block.target >= 0
      && block.source + (block.rows - 1) * block.sourceStride + block.count <= source.count
      && block.target + (block.rows - 1) * block.targetStride + block.count <= target.count,
    "the rows lie in source and target")
  let size = MemoryLayout<Scalar>.stride
  source.withUnsafeBytes { from in
    target.withUnsafeMutableBytes { to in
      let first = from.baseAddress.unsafelyUnwrapped.advanced(by: block.source * size)
      let place = to.baseAddress.unsafelyUnwrapped.advanced(by: block.target * size)
      voxtile_copy_rows(
        first, block.sourceStride * size, place, block.targetStride * size, block.count * size, block.rows,
        !isReadSoon)
    }
  }
}
