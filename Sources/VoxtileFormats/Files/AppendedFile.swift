import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that only grows, such as a journal. What was appended is on the disk when the call returns.
///
/// One process at a time has it: a lock, which ends with the process, is held on it.
package final class AppendedFile: Sendable {
  /// The path of the file.
  package let path: String
  private let descriptor: Int32

  /// Opens a file, or makes it.
  ///
  /// - Throws: `VoxtileError.Code.targetExists` where another process has it open like that,
  ///   `VoxtileError.Code.fileAccess` where it cannot be opened.
  package init(_ path: String) throws(VoxtileError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system("cannot be written", file: path) }
    do throws(VoxtileError) {
      // Without locks, as on some network file systems, nobody is kept out.
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
        throw VoxtileError(
          .targetExists,
          "is in use by another run, which writes its results here; wait until it has ended, or name another folder",
          context: .init(file: path))
      }
      try Durable.syncFolder(path.parentFolder)
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// Removes what follows a number of bytes.
  package func cut(to byteCount: Int) throws(VoxtileError) {
    guard ftruncate(descriptor, off_t(byteCount)) == 0, Durable.sync(descriptor) else {
      throw .system("cannot be written", file: path)
    }
  }

  /// Adds bytes at the end, and waits until they are on the disk.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where that fails, as on a full disk. Some of the bytes may be there then.
  package func append(_ bytes: [UInt8]) throws(VoxtileError) {
    do {
      try bytes.withUnsafeBytes { try append($0, waitsForDisk: true) }
    } catch let error as VoxtileError {
      throw error
    } catch {
      throw .system("cannot be written", file: path)
    }
  }

  /// Adds bytes at the end.
  ///
  /// - Parameter waits: whether the call returns only when they are on the disk.
  package func append(_ bytes: UnsafeRawBufferPointer, waitsForDisk waits: Bool) throws(VoxtileError) {
    var done = 0
    while done < bytes.count {
      let count = write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .system("cannot be written", file: path) }
      done += count
    }
    if waits { try sync() }
  }

  /// Waits until all that was added is on the disk.
  package func sync() throws(VoxtileError) {
    guard Durable.sync(descriptor) else { throw .system("cannot be written", file: path) }
  }
}
