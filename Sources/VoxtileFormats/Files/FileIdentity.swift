import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Which file a path leads to, however it is written: through symbolic and hard links, too.
package struct FileIdentity: Hashable {
  private let device: UInt64
  private let number: UInt64

  /// The file at a path, or `nil` where there is none.
  package init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(truncatingIfNeeded: status.st_dev)
    number = UInt64(truncatingIfNeeded: status.st_ino)
  }

  /// The file at a path, where a file that is there must not be taken for none.
  ///
  /// - Returns: `nil` where there is none.
  /// - Throws: `VoxtileError.Code.fileAccess` where the system does not say whether there is one.
  package static func find(_ path: String) throws(VoxtileError) -> FileIdentity? {
    if let file = FileIdentity(path) { return file }
    guard [ENOENT, ENOTDIR].contains(errno) else { throw .system("cannot be looked at", file: path) }
    return nil
  }
}

/// Where a path leads to, whether there is a file or not.
package enum FilePlace: Hashable {
  case file(FileIdentity)
  /// A name in a folder.
  case new(FileIdentity, name: String)
  /// A path whose folder does not exist.
  case nowhere(String)

  /// Finds the place of a path.
  package init(_ path: String) {
    if let file = FileIdentity(path) {
      self = .file(file)
    } else if let folder = FileIdentity(path.parentFolder) {
      self = .new(folder, name: path.fileName)
    } else {
      self = .nowhere(path)
    }
  }
}
