import Dispatch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The baseline of every result: copying bytes into fresh memory, with huge pages if available.
final class MemoryCopy {
  private let byteCount: Int
  private let source: UnsafeMutableRawPointer
  private var target: UnsafeMutableRawPointer?

  /// Allocates and fills the bytes to copy.
  init(byteCount: Int) throws {
    self.byteCount = byteCount
    source = try Self.freshMemory(byteCount)
    memset(source, 1, byteCount)
  }

  deinit {
    drop()
    munmap(source, byteCount)
  }

  /// Copies all bytes; each thread copies its own part.
  func run(threads: Int) throws {
    drop()
    let target = try Self.freshMemory(byteCount)
    self.target = target
    // Each part is a whole number of huge pages, so that two threads never fault in the same page.
    let pages = (byteCount + (1 << 21) - 1) / (1 << 21)
    let share = ((pages + threads - 1) / threads) << 21
    let count = byteCount
    nonisolated(unsafe) let (from, to) = (source, target)
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      let start = min(thread * share, count)
      memcpy(to + start, from + start, min(share, count - start))
    }
  }

  /// Returns the copy to the operating system.
  func drop() {
    if let target { munmap(target, byteCount) }
    target = nil
  }

  /// Allocates memory, writes to all of it, and frees it again.
  ///
  /// A virtual machine may return memory to its host after it has been free for a second. Getting it back can take ten
  /// times as long as the measured work.
  static func touch(_ byteCount: Int) throws {
    let memory = try freshMemory(byteCount)
    memset(memory, 1, byteCount)
    munmap(memory, byteCount)
  }

  /// Allocates memory from the operating system, with huge pages if available.
  static func freshMemory(_ byteCount: Int) throws -> UnsafeMutableRawPointer {
    #if os(Linux)
      let flags = MAP_PRIVATE | MAP_ANONYMOUS
    #else
      let flags = MAP_PRIVATE | MAP_ANON
    #endif
    guard let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0), memory != MAP_FAILED
    else { throw RequestError("\(byteCount) bytes of memory could not be allocated") }
    #if os(Linux)
      madvise(memory, byteCount, MADV_HUGEPAGE)
    #endif
    return memory
  }
}
