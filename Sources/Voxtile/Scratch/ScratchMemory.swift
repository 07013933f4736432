#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Memory, zero at first, that may be larger than the machine's: a nameless file backs it where that is asked for.
///
/// What a file backs is let go when too much of it has been touched: it stays in the file (and, where there is room, in
/// the system's cache) and does not count as the memory of the process until it is touched again. The file is
/// gone with the process, whatever ends it.
///
/// Unchecked: its users make sure that no two threads write to the same part.
package final class ScratchMemory: @unchecked Sendable {
  private let bytes: UnsafeMutableRawBufferPointer
  private let file: ScratchFile?
  private let residentBytes: Int
  private var touchedBytes = 0

  /// How much memory it is.
  package var byteCount: Int { bytes.count }

  /// Reserves memory, all zero.
  ///
  /// - Parameters:
  ///   - byteCount: how much, at least 1.
  ///   - residentBytes: how much of it may count as the memory of the process; less than all of it is backed by a file, whose
  ///     whole size is then taken on the disk.
  /// - Throws: `VoxtileError.Code.fileAccess` where the disk or the memory does not have enough room.
  package init(byteCount: Int, residentBytes: Int = .max) throws(VoxtileError) {
    precondition(byteCount > 0, "\(byteCount) bytes were asked for, not at least 1")
    let isOnDisk = byteCount > residentBytes
    self.residentBytes = residentBytes
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

  /// The memory as values of one type.
  package func values<Value: BitwiseCopyable>(of type: Value.Type = Value.self) -> UnsafeMutableBufferPointer<
    Value
  > {
    bytes.bindMemory(to: type)
  }

  /// Says that a part is going to be read or written, by one thread at a time; what was touched before may be let go.
  package func willTouch(_ byteCount: Int) {
    guard file != nil else { return }
    if touchedBytes + byteCount > residentBytes {
      // A shared mapping loses nothing: its pages are those of the file.
      madvise(bytes.baseAddress, bytes.count, MADV_DONTNEED)
      touchedBytes = 0
    }
    touchedBytes += byteCount
  }
}
