import Dispatch
import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The minimum work of any merge: reading every byte of the patches once, and writing every byte of the result.
enum MemoryFloor {
  /// Reads all patches and fills fresh memory of the size of the result, on several threads.
  ///
  /// - Parameters:
  ///   - patches: the patches.
  ///   - byteCount: the size of the result in bytes.
  ///   - threads: the number of threads.
  static func run(
    _ patches: [Volume<some VoxelScalar>], writing byteCount: Int, threads: Int
  ) throws {
    let result = try MemoryCopy.freshMemory(byteCount)
    defer { munmap(result, byteCount) }
    run(patches, into: UnsafeMutableRawBufferPointer(start: result, count: byteCount), threads: threads)
  }

  /// Reads all patches and fills memory, on several threads.
  static func run(
    _ patches: [Volume<some VoxelScalar>], into result: UnsafeMutableRawBufferPointer, threads: Int
  ) {
    guard let base = result.baseAddress else { return }
    let byteCount = result.count
    // Each part is a whole number of huge pages, so that two threads never fault in the same page.
    let pages = (byteCount + (1 << 21) - 1) / (1 << 21)
    let share = ((pages + threads - 1) / threads) << 21
    nonisolated(unsafe) let target = base
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      var sum: UInt64 = 0
      for number in stride(from: thread, to: patches.count, by: threads) {
        patches[number].voxels.withUnsafeBytes { sum &+= Self.sum(of: $0) }
      }
      let start = min(thread * share, byteCount)
      memset(target + start, Int32(truncatingIfNeeded: sum & 0xff), min(share, byteCount - start))
    }
  }

  private static func sum(of bytes: UnsafeRawBufferPointer) -> UInt64 {
    let words = bytes.assumingMemoryBound(to: UInt64.self)
    var sum: UInt64 = 0
    for index in 0..<words.count { sum &+= words[index] }
    return sum
  }
}
