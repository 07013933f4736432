import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A lock on a folder, which one process at a time has, until the value goes away or the process ends.
///
/// Without locks, as on some network file systems, nobody is kept out.
final class FolderLock: Sendable {
  private let descriptor: Int32

  /// Waits until nobody else has the lock, and takes it.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the folder cannot be opened.
  init(_ path: String) throws(VoxtileError) {
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("cannot be opened", file: path) }
    while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
  }

  deinit { close(descriptor) }
}
