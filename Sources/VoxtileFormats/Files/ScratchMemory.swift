import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Memory for numbers that may be more than fit: zeroed at first, and backed by a nameless file where that is asked for.
///
/// What a file backs can be let go: it stays in the file (and, where there is room, in the system's cache) and
/// does not count as the memory of the process until it is touched again. The file is gone with the process,
/// whatever ends it.
public final class ScratchMemory: @unchecked Sendable {
  private let bytes: UnsafeMutableRawBufferPointer
  private let file: ScratchFile?

  /// Whether a file backs the memory.
  public var isOnDisk: Bool { file != nil }

  /// Reserves memory, all zero.
  ///
  /// - Parameters:
  ///   - byteCount: how much, at least 1.
  ///   - isOnDisk: whether it is backed by a file, whose whole size is then taken on the disk.
  /// - Throws: `VoxtileError.Code.fileAccess` where the disk or the memory has not enough room.
  public init(byteCount: Int, onDisk isOnDisk: Bool) throws(VoxtileError) {
    precondition(byteCount > 0, "there is no memory of no bytes")
    file = isOnDisk ? try ScratchFile() : nil
    // Room is taken now: a disk that fills up later would end the process at a write to memory.
    try file?.reserve(byteCount)
    let flags = isOnDisk ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS
    let base = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, file?.descriptor ?? -1, 0)
    guard let base, base != MAP_FAILED else {
      throw .system("cannot be had: \(byteCount >> 20) MiB of memory", file: "memory")
    }
    bytes = UnsafeMutableRawBufferPointer(start: base, count: byteCount)
    if !isOnDisk { adviseHugePages(bytes) }
  }

  deinit { munmap(bytes.baseAddress, bytes.count) }

  /// Lends the memory as numbers.
  ///
  /// - Precondition: nobody else writes to the same numbers meanwhile.
  public func withFloats<Result>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> Result) rethrows -> Result {
    try body(bytes.bindMemory(to: Float.self))
  }

  /// Lets go of all that a file backs; it comes back when it is touched.
  public func letGo() {
    guard isOnDisk else { return }
    // A shared mapping loses nothing: its pages are those of the file.
    madvise(bytes.baseAddress, bytes.count, MADV_DONTNEED)
  }
}
