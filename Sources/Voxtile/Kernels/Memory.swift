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
    advise(MADV_HUGEPAGE, aboutPagesOf: 1 << 21, within: buffer)
  #endif
}

/// Asks the system for all pages of a buffer of fresh memory at once, where it can do that.
///
/// For a buffer that is filled by one thread, and in which few huge pages find room: its small pages come in half the time
/// that they take one by one.
package func adviseFilling(_ buffer: UnsafeMutableRawBufferPointer) {
  #if os(Linux)
    // MADV_POPULATE_WRITE of Linux 5.14, which older headers do not name.
    advise(23, aboutPagesOf: 1 << 12, within: buffer)
  #endif
}

#if os(Linux)
  /// Gives the system advice about the whole pages in a buffer. Where it refuses, nothing is lost.
  private func advise(_ advice: Int32, aboutPagesOf size: Int, within buffer: UnsafeMutableRawBufferPointer) {
    guard let base = buffer.baseAddress else { return }
    let start = (Int(bitPattern: base) + size - 1) & -size
    let end = (Int(bitPattern: base) + buffer.count) & -size
    guard start < end else { return }
    madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, advice)
  }
#endif
