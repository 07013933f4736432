import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Patch files that stay open between the reading of their headers and of their voxels.
///
/// Between two reads they hold no buffers, which memory plans do not count. Their number is bounded; other files are opened
/// again when they are read.
struct OpenPatchFiles: Sendable {
  /// Half of the files that a process may have open, and no more than 256.
  static let largestCount: Int = {
    var limit = rlimit()
    #if canImport(Darwin) || canImport(Musl)
      guard getrlimit(RLIMIT_NOFILE, &limit) == 0 else { return 0 }
    #else
      guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    #endif
    return Int(min(limit.rlim_cur / 2, 256))
  }()
  /// The longest header that is kept with a file, in bytes; memory plans count 3 KiB for each patch.
  private static let largestHeader = 1 << 10

  private var readers: [Int: any VolumeReader] = [:]

  /// The reader of a patch, or `nil` where its file has to be opened again.
  func reader(of patch: Patch) -> (any VolumeReader)? { readers[patch.index] }

  /// Keeps the reader of a patch, where that costs little.
  mutating func keep(_ reader: any VolumeReader, of patch: Patch) {
    guard readers.count < Self.largestCount, reader.isRandomAccess || reader is any FileBackedReader,
      reader.info.metadata.header?.bytes.count ?? 0 <= Self.largestHeader
    else { return }
    readers[patch.index] = reader
    release(patch)
  }

  /// Gives back what the last read of a patch has left in memory.
  func release(_ patch: Patch) { (readers[patch.index] as? any FileBackedReader)?.releaseBuffers() }
}
