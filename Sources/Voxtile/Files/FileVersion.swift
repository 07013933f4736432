#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// One state of a file: whoever writes to it, or replaces it by another of its name, makes another one.
package struct FileVersion: Hashable, Sendable {
  /// The size in bytes.
  package let byteCount: Int
  private let device: UInt64
  private let number: UInt64
  private let seconds: Int
  private let nanoseconds: Int

  /// Takes what the system says of a file.
  package init(_ status: stat) {
    #if canImport(Darwin)
      let modified = status.st_mtimespec
    #else
      let modified = status.st_mtim
    #endif
    byteCount = Int(status.st_size)
    device = UInt64(truncatingIfNeeded: status.st_dev)
    number = UInt64(truncatingIfNeeded: status.st_ino)
    seconds = Int(modified.tv_sec)
    nanoseconds = Int(modified.tv_nsec)
  }

  /// The state of the file at a path, or `nil` where there is none.
  package init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Whether it is a state of the same file, and not of another one that took its name.
  package func isOfSameFile(as other: FileVersion) -> Bool {
    device == other.device && number == other.number
  }
}

extension VoxtileError {
  /// A file was written to, or replaced, between two moments at which it was read.
  package static func changedWhileRead(
    _ path: String, from old: FileVersion, to new: FileVersion?
  ) -> VoxtileError {
    let found = new.map { "\($0.byteCount) bytes" } ?? "no file"
    let isWritten = new.map(old.isOfSameFile) == true
    let sizes =
      old.byteCount == new?.byteCount
      ? "" : ": it had \(old.byteCount) bytes and now has \(new.map { "\($0.byteCount)" } ?? "none")"
    return VoxtileError(
      .fileAccess,
      "was \(isWritten ? "written to" : "replaced") while it was read\(sizes); run this again when nothing writes to it",
      context: .init(file: path, expected: "\(old.byteCount) bytes", found: found))
  }
}
