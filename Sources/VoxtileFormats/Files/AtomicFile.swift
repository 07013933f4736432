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
/// Bytes go to a temporary file in the same folder. ``commit()`` gives it its name; a file that goes
/// away before that is removed, so an error or an interrupt leaves nothing behind.
public final class AtomicFile: Sendable {
  /// The path under which the file will appear.
  public let path: String
  private let temporaryPath: String
  private let descriptor: Int32
  private let isReplacing: Bool
  private let isOpen = Mutex(true)

  private static let serial = Atomic<Int>(0)

  /// Opens a temporary file beside the target.
  ///
  /// - Parameters:
  ///   - path: where the file will appear. Its folder must exist.
  ///   - isReplacing: whether an existing file may be replaced.
  /// - Throws: `VoxtileError.Code.targetExists` where the target exists and may not be replaced,
  ///   `VoxtileError.Code.fileAccess` where the folder cannot be written to.
  public init(_ path: String, replacing isReplacing: Bool = false) throws(VoxtileError) {
    if !isReplacing && access(path, F_OK) == 0 { throw .targetExists(path) }
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { path[...$0] } ?? ""
    let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
    let serial = Self.serial.wrappingAdd(1, ordering: .relaxed).newValue
    temporaryPath = "\(folder).\(name).voxtile-\(getpid())-\(serial).tmp"
    descriptor = open(temporaryPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system("cannot be written", file: path) }
    self.path = path
    self.isReplacing = isReplacing
  }

  deinit {
    let wasOpen = isOpen.withLock { $0 }
    if wasOpen {
      close(descriptor)
      unlink(temporaryPath)
    }
  }

  /// Writes bytes at an offset, from any thread.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails to write, for example on a full disk.
  public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(VoxtileError) {
    var done = 0
    while done < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw .system("cannot be written", file: path) }
      done += count
    }
  }

  /// Gives the file its name, replacing an older one where that was allowed.
  ///
  /// - Throws: `VoxtileError.Code.targetExists` where a file of that name has appeared meanwhile,
  ///   `VoxtileError.Code.fileAccess` where the system fails to close or rename.
  public func commit() throws(VoxtileError) {
    let wasOpen = isOpen.withLock { isOpen in
      defer { isOpen = false }
      return isOpen
    }
    precondition(wasOpen, "a file is committed once")
    guard close(descriptor) == 0 else {
      let number = errno
      unlink(temporaryPath)
      throw .system("cannot be written", file: path, number: number)
    }
    if !isReplacing && access(path, F_OK) == 0 {
      unlink(temporaryPath)
      throw .targetExists(path)
    }
    guard rename(temporaryPath, path) == 0 else {
      let number = errno
      unlink(temporaryPath)
      throw .system("cannot be written", file: path, number: number)
    }
  }
}

extension VoxtileError {
  /// The target is there already.
  public static func targetExists(_ path: String) -> VoxtileError {
    VoxtileError(
      .targetExists, "exists already; name another target, or use --force to replace it",
      context: .init(file: path))
  }
}
