import Synchronization
import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that appears under its name whole, or not at all.
///
/// Bytes go to a temporary file in the same folder, and ``commit()`` gives it its name when they are on the disk. A file that
/// is released before that is removed, so an error or an interrupt leaves nothing; what a killed run has left is removed by the
/// next one to the same target. A symbolic link stays, and the file that it leads to is written.
///
/// In a folder that has no name of its own yet, a file is written under its name at once: there is nothing that could be left.
package final class AtomicFile: Sendable {
  /// The path under which the file will appear.
  package let path: String
  /// Where the path leads.
  private let target: String
  private let temporaryPath: String
  private let descriptor: Int32
  private let isReplacing: Bool
  private let isDurable: Bool
  /// Whether the bytes go to the file under its own name.
  private var isInPlace: Bool { temporaryPath == target }
  private let isOpen = Mutex(true)
  /// The checksum of what has been written, where it was asked for and each write went on where the last one ended.
  private let sum: Mutex<CRC32?>

  /// Opens a temporary file beside the target.
  ///
  /// - Parameters:
  ///   - path: where the file will appear. Its folder must exist.
  ///   - isReplacing: whether an existing file may be replaced.
  ///   - isSummed: whether ``checksum`` will be asked for.
  ///   - isDurable: whether ``commit()`` waits for the disk. Not where the file is part of a folder that does so for all, and
  ///     gets its own name then.
  /// - Throws: `VoxtileError.Code.targetExists` where the target exists and may not be replaced,
  ///   `VoxtileError.Code.fileAccess` where the folder cannot be written to.
  package init(
    _ path: String, replacing isReplacing: Bool = false, summed isSummed: Bool = false,
    durable isDurable: Bool = true
  ) throws(VoxtileError) {
    if !isReplacing && access(path, F_OK) == 0 { throw .targetExists(path) }
    target = Durable.target(of: path)
    // Known now, before another file of the same image gets its name.
    if FormatProbe.isFolder(target) {
      throw VoxtileError(
        .targetExists, "is a folder, which no file replaces; name another file", context: .init(file: path))
    }
    if isDurable { TemporaryName.forEachAbandoned(beside: target) { unlink($0) } }
    (descriptor, temporaryPath) = try Self.openTemporary(
      for: target, named: path, inPlace: !isDurable && !isReplacing)
    self.path = path
    self.isReplacing = isReplacing
    self.isDurable = isDurable
    sum = Mutex(isSummed ? CRC32() : nil)
    keepModeAndOwner()
  }

  /// Opens a file that nobody else has, and locks it unless it has the name of the target at once.
  private static func openTemporary(
    for target: String, named path: String, inPlace isInPlace: Bool
  ) throws(VoxtileError) -> (descriptor: Int32, path: String) {
    var attempt = 0
    while true {
      let temporary =
        isInPlace ? target : "\(target.parentFolder)/\(TemporaryName.new(for: target.fileName))"
      let descriptor = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        throw errno == ENOENT ? .noFolder(for: path) : .system("cannot be written", file: path)
      }
      attempt += 1
      // Another run may delete the file as abandoned before it is locked.
      if isInPlace || TemporaryName.lock(descriptor, at: temporary) || attempt == 10 {
        return (descriptor, temporary)
      }
      close(descriptor)
      unlink(temporary)
    }
  }

  /// Gives the file the mode and the owner of the one that it replaces, as far as the system lets this user.
  private func keepModeAndOwner() {
    var old = stat()
    guard isReplacing, stat(target, &old) == 0, old.st_mode & S_IFMT == S_IFREG else { return }
    _ = fchown(descriptor, old.st_uid, old.st_gid)
    _ = fchmod(descriptor, old.st_mode & 0o777)
  }

  deinit {
    let wasOpen = isOpen.withLock { $0 }
    if wasOpen {
      unlink(temporaryPath)
      close(descriptor)
    }
  }

  /// Writes bytes at an offset, from any thread.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails to write, for example on a full disk.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(VoxtileError) {
    var done = 0
    while done < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw .system("cannot be written", file: path) }
      done += count
    }
    sum.withLock { sum in
      guard sum?.byteCount == offset else {
        sum = nil
        return
      }
      sum?.update(bytes)
    }
  }

  /// Fills a buffer with bytes that were written before, or as much of it as there is, from any thread.
  ///
  /// - Returns: the number of bytes read.
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails to read.
  package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(VoxtileError) -> Int {
    var done = 0
    while done < buffer.count {
      let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .system("cannot be read", file: path) }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// The CRC-32 of all bytes written, or `nil` where it was not asked for or they were not written in their order.
  package var checksum: UInt32? { sum.withLock { $0?.value } }

  /// Waits until the content is on the disk, so that ``commit(removing:)`` has only names left to change.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails to write.
  package func sync() throws(VoxtileError) {
    guard !isDurable || Durable.sync(descriptor) else { throw .system("cannot be written", file: path) }
  }

  /// Gives the file its name when its content is on the disk, replacing an older one where that was allowed.
  ///
  /// - Parameter outdated: a file that is removed right before, since it describes what is replaced. A run that is killed between the
  ///   two leaves neither rather than one that belongs to another.
  /// - Throws: `VoxtileError.Code.targetExists` where a file of that name has appeared meanwhile,
  ///   `VoxtileError.Code.fileAccess` where the system fails to write or rename.
  package func commit(removing outdated: String? = nil) throws(VoxtileError) {
    let wasOpen = isOpen.withLock { isOpen in
      defer { isOpen = false }
      return isOpen
    }
    precondition(wasOpen, "the file was committed twice")
    // The lock on the temporary name ends when the file is closed, so that comes last.
    defer { close(descriptor) }
    do throws(VoxtileError) {
      try sync()
      if isReplacing, let outdated { unlink(outdated) }
      if !isInPlace { try giveName() }
    } catch {
      unlink(temporaryPath)
      throw error
    }
    if isDurable { try Durable.syncFolder(target.parentFolder) }
  }

  private func giveName() throws(VoxtileError) {
    if isReplacing {
      guard rename(temporaryPath, target) == 0 else { throw .system("cannot be written", file: path) }
      return
    }
    switch Durable.move(temporaryPath, toFree: target) {
    case .done: return
    case .failed(EEXIST): throw .targetExists(path)
    case .failed(let number): throw .system("cannot be written", file: path, number: number)
    case .unknownHere: try linkName()
    }
  }

  /// Gives the file its name where the file system cannot move to a free name only.
  private func linkName() throws(VoxtileError) {
    // A hard link is made only where there is no file of that name; then the temporary name goes.
    if link(temporaryPath, target) == 0 {
      unlink(temporaryPath)
      return
    }
    guard errno != EEXIST, access(path, F_OK) != 0 else { throw .targetExists(path) }
    // A file system without hard links: renaming has to do.
    guard rename(temporaryPath, target) == 0 else { throw .system("cannot be written", file: path) }
  }
}

extension VoxtileError {
  /// The target is there already.
  package static func targetExists(_ path: String) -> VoxtileError {
    VoxtileError(
      .targetExists, "exists already", remedy: .replaceTarget, context: .init(file: path))
  }
}

extension VoxtileError {
  fileprivate static func noFolder(for path: String) -> VoxtileError {
    VoxtileError(
      .fileAccess, "cannot be written, since its folder does not exist; make the folder first",
      context: .init(file: path))
  }
}

/// A writer that sums the bytes of its file while it writes them, so that nobody has to read the file again.
package protocol SummedFileWriter: VolumeWriter {
  /// The CRC-32 of the whole file once it is finished, or `nil` where it is not known: where
  /// `WriteOptions.isSummed` is not set, for an image in two files, or a file whose bytes were not written in their order.
  var fileChecksum: UInt32? { get }
}
