#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file open for reading at any offset, from any thread.
package final class InputFile: Sendable {
  /// The path as it was given.
  package let path: String
  /// The size when it was opened, in bytes.
  package let byteCount: Int
  private let descriptor: Int32
  /// Its state when it was opened.
  package let version: FileVersion

  /// Opens a regular file.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where it cannot be opened or is a directory.
  package init(_ path: String) throws(VoxtileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system("cannot be opened", file: path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw VoxtileError(
        .fileAccess, "is not a regular file; name a file", context: .init(file: path))
    }
    self.path = path
    self.byteCount = Int(status.st_size)
    self.descriptor = descriptor
    self.version = FileVersion(status)
  }

  deinit { close(descriptor) }

  /// Makes sure that nobody has written to the file since it was opened, by its size and time of change. A file that was replaced
  /// by another of its name has not changed: what was read is the old one, whole.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where it was written to.
  package func checkUnchanged() throws(VoxtileError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system("cannot be read", file: path) }
    let now = FileVersion(status)
    guard now == version else { throw .changedWhileRead(path, from: version, to: now) }
  }

  /// Fills a buffer from an offset on, or as much of it as the file still has.
  ///
  /// - Returns: the number of bytes read; less than asked for only at the end of the file.
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails to read.
  package func read(
    at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(VoxtileError) -> Int {
    var done = 0
    while done < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .system("cannot be read", file: path) }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Fills a whole buffer.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where the file ends before the buffer is full.
  package func readExactly(
    at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(VoxtileError) {
    let count = try read(at: offset, into: buffer)
    guard count == buffer.count else {
      throw VoxtileError(
        .malformedFile,
        "ends at byte \(offset + count), but byte \(offset + buffer.count) is needed; it is truncated",
        context: .init(
          file: path, byteOffset: offset + count, expected: "\(offset + buffer.count) bytes",
          found: "\(offset + count) bytes"))
    }
  }

  /// Some bytes of the file, fewer where it ends before.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails to read.
  package func bytes(at offset: Int = 0, count: Int) throws(VoxtileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var found = 0
    do {
      found = try bytes.withUnsafeMutableBytes { buffer in try read(at: offset, into: buffer) }
    } catch let error as VoxtileError {
      throw error
    } catch {
      throw VoxtileError(.fileAccess, "cannot be read", context: .init(file: path), underlying: error)
    }
    bytes.removeLast(count - found)
    return bytes
  }

  /// The first bytes of the file, fewer where it is shorter.
  package func prefix(_ count: Int) throws(VoxtileError) -> [UInt8] {
    try bytes(count: min(count, byteCount))
  }
}

extension VoxtileError {
  /// An error of the operating system, in its own words, with the reason taken from `errno`.
  package static func system(_ what: String, file: String, number: Int32 = errno) -> VoxtileError {
    VoxtileError(
      .fileAccess, "\(what): \(String(cString: strerror(number)))", context: .init(file: file))
  }
}
