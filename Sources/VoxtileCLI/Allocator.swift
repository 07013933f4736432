#if canImport(Glibc)
  import CMalloc
#endif

/// How the program asks the system for memory.
enum Allocator {
  /// Keeps freed memory for the next patch.
  ///
  /// By default the C library gives every large buffer back to the system, which clears it again page by page
  /// for the next one: a third of the time of a merge. The most memory in use at any time stays the same.
  static func keepFreedMemory() {
    #if canImport(Glibc)
      mallopt(M_MMAP_MAX, 0)
      mallopt(M_ARENA_MAX, 1)
      mallopt(M_TRIM_THRESHOLD, .max)
    #endif
  }
}
