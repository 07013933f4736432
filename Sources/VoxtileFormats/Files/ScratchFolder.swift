import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A folder of files for a moment, which only this user can see, where ``ScratchFile`` has its files; it is removed with all in it
/// when it is released. What a killed run has left is removed by the next one.
package final class ScratchFolder: Sendable {
  package let path: String
  /// Holds the lock that tells others that the folder is in use.
  private let descriptor: Int32

  /// Makes an empty folder.
  ///
  /// - Parameter purpose: a word that is a part of its name.
  /// - Throws: `VoxtileError.Code.fileAccess` where it cannot be made.
  package init(for purpose: String) throws(VoxtileError) {
    let parent = ScratchFile.parentFolder
    let target = "\(parent)/\(purpose)"
    TemporaryName.forEachAbandoned(beside: target) { Self.remove($0) }
    for _ in 0..<Self.mostTries {
      let path = "\(parent)/\(TemporaryName.new(for: purpose))"
      guard mkdir(path, 0o700) == 0 else { throw .system("cannot hold scratch files", file: parent) }
      let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      let number = errno
      if descriptor >= 0, TemporaryName.lock(descriptor, at: path) {
        self.path = path
        self.descriptor = descriptor
        return
      }
      if descriptor >= 0 { close(descriptor) }
      // Another one, in this process or elsewhere, may have taken the folder for abandoned before it was locked.
      guard descriptor >= 0 || number == ENOENT else {
        rmdir(path)
        throw .system("cannot hold scratch files", file: parent, number: number)
      }
    }
    throw VoxtileError(
      .fileAccess, "cannot hold scratch files: other programs remove them", context: .init(file: parent))
  }

  /// How often a folder is made that others take away.
  private static let mostTries = 1000

  deinit {
    Self.remove(path)
    close(descriptor)
  }

  /// The names of the files in it, in order.
  func names() -> [String] { Self.names(in: path).sorted() }

  /// Removes a file from it.
  func remove(_ name: String) { unlink("\(path)/\(name)") }

  private static func names(in path: String) -> [String] { folderEntries(path, limit: .max) }

  /// Removes a folder and all in it; links are removed and not followed.
  private static func remove(_ path: String) {
    for name in names(in: path) {
      let member = "\(path)/\(name)"
      var status = stat()
      if lstat(member, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
        remove(member)
      } else {
        unlink(member)
      }
    }
    rmdir(path)
  }
}

/// The names of some files and folders in a folder, in the order of the file system, without `.` and `..`; none where it cannot be
/// read.
///
/// - Parameter limit: the most that are read.
package func folderEntries(_ path: String, limit: Int) -> [String] {
  guard let listing = opendir(path) else { return [] }
  defer { closedir(listing) }
  var names: [String] = []
  while names.count < limit, let entry = readdir(listing) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names
}
