/// Copies a rectangle of rows.
///
/// Rows are copied as bytes, so one body serves every scalar type at full speed.
func copyRows<Scalar: VoxelScalar>(
  _ block: RowBlock, from source: Span<Scalar>, into target: inout MutableSpan<Scalar>
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
      for row in 0..<block.rows {
        let start = (block.source + row * block.sourceStride) * size
        let end = (block.target + row * block.targetStride) * size
        to.baseAddress.unsafelyUnwrapped.advanced(by: end).copyMemory(
          from: from.baseAddress.unsafelyUnwrapped.advanced(by: start), byteCount: block.count * size)
      }
    }
  }
}
