#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Array where Element: VoxelScalar {
  /// Creates an array whose values are not set yet; the caller sets every one before anyone reads them.
  ///
  /// Filling fresh memory twice would cost as much as a whole merge, and faulting it in 4 KiB at a
  /// time more than that, so large arrays also ask the system for huge pages.
  package init(unsetCount count: Int) {
    self.init(unsafeUninitializedCapacity: count) { buffer, initializedCount in
      adviseHugePages(UnsafeMutableRawBufferPointer(buffer))
      initializedCount = count
    }
  }
}

/// Asks the system to back a large buffer of fresh memory with huge pages, where it knows them.
package func adviseHugePages(_ buffer: UnsafeMutableRawBufferPointer) {
  #if os(Linux)
    let pageSize = 1 << 21
    guard buffer.count >= 2 * pageSize, let base = buffer.baseAddress else { return }
    let start = (Int(bitPattern: base) + pageSize - 1) & -pageSize
    let end = (Int(bitPattern: base) + buffer.count) & -pageSize
    // Only advice: where the system refuses, small pages do.
    madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, MADV_HUGEPAGE)
  #endif
}
