#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file without a name, for what does not fit in memory; it goes away with the process, however that ends.
///
/// It lies in the folder that the environment variable `TMPDIR` names, or else in `/var/tmp`, which is on
/// a disk where `/tmp` may be in memory. Bytes go through the system's cache and do not count as the
/// memory of the process.
package final class ScratchFile: Sendable {
  package let descriptor: Int32
  private let folder: String

  /// The folder for scratch files: that of the environment variable `TMPDIR`, or else `/var/tmp`.
  package static var parentFolder: String {
    getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
  }

  /// Opens an empty scratch file.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the folder cannot be written to.
  package init() throws(VoxtileError) {
    folder = Self.parentFolder
    #if !canImport(Darwin)
      // A file that never has a name cannot be left over, whatever ends the process. __O_TMPFILE of fcntl-linux.h.
      let nameless = open(folder, O_RDWR | O_DIRECTORY | 0o20000000 | O_CLOEXEC, 0o600)
      if nameless >= 0 {
        descriptor = nameless
        return
      }
    #endif
    var name = Array("\(folder)/voxtile-\(String(repeating: "X", count: 6))".utf8CString)
    descriptor = name.withUnsafeMutableBufferPointer { mkstemp($0.baseAddress.unsafelyUnwrapped) }
    guard descriptor >= 0 else { throw .system("cannot hold scratch files", file: folder) }
    _ = name.withUnsafeBufferPointer { unlink($0.baseAddress.unsafelyUnwrapped) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  deinit { close(descriptor) }

  /// Takes room on the disk, so that writing there cannot fail later.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where there is not enough.
  func reserve(_ byteCount: Int) throws(VoxtileError) {
    #if canImport(Darwin)
      var store = fstore_t(
        fst_flags: UInt32(F_ALLOCATEALL), fst_posmode: F_PEOFPOSMODE, fst_offset: 0,
        fst_length: off_t(byteCount), fst_bytesalloc: 0)
      let failed =
        fcntl(descriptor, F_PREALLOCATE, &store) == -1 || ftruncate(descriptor, off_t(byteCount)) != 0
    #else
      let code = posix_fallocate(descriptor, 0, off_t(byteCount))
      errno = code
      let failed = code != 0
    #endif
    guard !failed else { throw .system("cannot hold \(byteCount >> 20) MiB of scratch", file: folder) }
  }

  /// Writes bytes at an offset, from any thread.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails to write, for example on a full disk.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(VoxtileError) {
    var done = 0
    while done < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress.unsafelyUnwrapped + done, bytes.count - done,
        off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        throw .system("cannot hold \(offset + bytes.count) bytes of scratch", file: folder)
      }
      done += count
    }
  }

  /// Fills a buffer with bytes that were written before, from any thread.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails to read.
  package func read(
    at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(VoxtileError) {
    var done = 0
    while done < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress.unsafelyUnwrapped + done, buffer.count - done,
        off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw .system("cannot be read back from scratch", file: folder) }
      done += count
    }
  }
}
