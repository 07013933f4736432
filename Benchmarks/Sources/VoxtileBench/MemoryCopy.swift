import Dispatch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What every result is held against: copying bytes into fresh memory, with huge pages where there are any.
final class MemoryCopy {
  private let byteCount: Int
  private let source: UnsafeMutableRawPointer
  private var target: UnsafeMutableRawPointer?

  /// Makes the bytes that are copied.
  init(byteCount: Int) throws {
    self.byteCount = byteCount
    source = try Self.freshMemory(byteCount)
    memset(source, 1, byteCount)
  }

  deinit {
    drop()
    munmap(source, byteCount)
  }

  /// Copies all bytes, each thread a part of its own.
  func run(threads: Int) throws {
    drop()
    let target = try Self.freshMemory(byteCount)
    self.target = target
    // Whole huge pages, so that no two threads fault the same one in.
    let pages = (byteCount + (1 << 21) - 1) / (1 << 21)
    let share = ((pages + threads - 1) / threads) << 21
    let count = byteCount
    nonisolated(unsafe) let (from, to) = (source, target)
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      let start = min(thread * share, count)
      memcpy(to + start, from + start, min(share, count - start))
    }
  }

  /// Gives the copy back to the system.
  func drop() {
    if let target { munmap(target, byteCount) }
    target = nil
  }

  /// Takes memory from the system, writes to all of it, and gives it back.
  ///
  /// A virtual machine returns memory that is free for a second to its host, and getting it again can
  /// take ten times as long as the work that is measured.
  static func touch(_ byteCount: Int) throws {
    let memory = try freshMemory(byteCount)
    memset(memory, 1, byteCount)
    munmap(memory, byteCount)
  }

  /// Memory from the system, in huge pages where there are any.
  static func freshMemory(_ byteCount: Int) throws -> UnsafeMutableRawPointer {
    #if os(Linux)
      let flags = MAP_PRIVATE | MAP_ANONYMOUS
    #else
      let flags = MAP_PRIVATE | MAP_ANON
    #endif
    guard let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0), memory != MAP_FAILED
    else { throw RequestError("there are no \(byteCount) bytes of memory to copy") }
    #if os(Linux)
      madvise(memory, byteCount, MADV_HUGEPAGE)
    #endif
    return memory
  }
}
