import Voxtile

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What makes a finished file last: system calls that reach the disk, and that replace in one step.
package enum Durable {
  /// Waits until the content of an open file is on the disk.
  ///
  /// - Returns: whether it is. Write errors that the system had put off show here.
  static func sync(_ descriptor: Int32) -> Bool {
    #if canImport(Darwin)
      // `fsync` of Darwin leaves the content in the memory of the disk.
      if fcntl(descriptor, F_FULLFSYNC) == 0 { return true }
      return fsync(descriptor) == 0
    #else
      return fdatasync(descriptor) == 0
    #endif
  }

  /// Waits until the content of a file is on the disk.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails to write it.
  package static func syncFile(_ path: String) throws(VoxtileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("cannot be opened", file: path) }
    defer { close(descriptor) }
    guard sync(descriptor) else { throw .system("cannot be written", file: path) }
  }

  /// Waits until the names in a folder are on the disk, where the file system knows how.
  package static func syncFolder(_ path: String) throws(VoxtileError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // Names can be made in a folder that may not be read.
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP || errno == EROFS else {
      throw .system("cannot be written", file: path)
    }
  }

  /// Waits until all files below a folder, and the folders themselves, are on the disk.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails to write them.
  package static func syncTree(_ path: String) throws {
    // The first folder is the outermost one.
    var (folders, files) = ([path], [String]())
    var next = 0
    while next < folders.count {
      let folder = folders[next]
      for name in try Folder.names(in: folder) {
        // What is not complete gets on the disk by whoever writes it, under another name.
        if TemporaryName.isTemporary(name) { continue }
        let path = "\(folder)/\(name)"
        var status = stat()
        guard lstat(path, &status) == 0 else { throw VoxtileError.system("cannot be written", file: path) }
        if status.st_mode & S_IFMT == S_IFDIR { folders.append(path) } else { files.append(path) }
      }
      next += 1
    }
    if files.count > maxSyncedFiles, try syncFileSystem(of: path) { return }
    for file in files { try syncFile(file) }
    for folder in folders.reversed() { try syncFolder(folder) }
  }

  /// More files than these are synced all at once, which takes a second instead of minutes on some disks.
  private static let maxSyncedFiles = 256

  /// Waits until everything is on the disk that was written to the file system of a folder.
  ///
  /// - Returns: `false` where the system does not know how.
  private static func syncFileSystem(of path: String) throws(VoxtileError) -> Bool {
    #if canImport(Darwin)
      return false
    #else
      guard let syncfs else { return false }
      let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard descriptor >= 0 else { throw .system("cannot be opened", file: path) }
      defer { close(descriptor) }
      guard syncfs(descriptor) == 0 else { throw .system("cannot be written", file: path) }
      return true
    #endif
  }

  /// Lets two names change places in one step.
  ///
  /// - Returns: whether they did; `false` where the system or the file system does not know how.
  /// - Throws: `VoxtileError.Code.fileAccess` where it knows how and fails.
  package static func exchange(_ path: String, _ other: String) throws(VoxtileError) -> Bool {
    #if canImport(Darwin)
      let outcome = rename(path, other, UInt32(RENAME_SWAP))
    #else
      // RENAME_EXCHANGE of linux/fs.h.
      let outcome = rename(path, other, 2)
    #endif
    switch outcome {
    case .done: return true
    case .unknownHere: return false
    case .failed(let number): throw .system("cannot be replaced", file: other, number: number)
    }
  }

  /// Gives a file another name in one step, where nothing has that name.
  ///
  /// - Returns: `.failed(EEXIST)` where something has it.
  static func move(_ path: String, toFree other: String) -> Outcome {
    #if canImport(Darwin)
      rename(path, other, UInt32(RENAME_EXCL))
    #else
      // RENAME_NOREPLACE of linux/fs.h.
      rename(path, other, 1)
    #endif
  }

  /// What became of a name that was to change in a special way.
  enum Outcome: Equatable {
    case done
    /// The system or the file system does not know how.
    case unknownHere
    /// With the number of the error.
    case failed(Int32)
  }

  private static func rename(_ path: String, _ other: String, _ flags: UInt32) -> Outcome {
    #if canImport(Darwin)
      let result = renamex_np(path, other, flags)
    #else
      guard let renameat2 else { return .unknownHere }
      let result = renameat2(AT_FDCWD, path, AT_FDCWD, other, flags)
    #endif
    if result == 0 { return .done }
    return [EINVAL, ENOSYS, ENOTSUP, EOPNOTSUPP].contains(errno) ? .unknownHere : .failed(errno)
  }

  #if !canImport(Darwin)
    /// The function of that name, which the headers of the C library hide.
    private static let syncfs: (@convention(c) (Int32) -> Int32)? = dlsym(nil, "syncfs").map {
      unsafeBitCast($0, to: (@convention(c) (Int32) -> Int32).self)
    }

    private typealias Renameat2 =
      @convention(c) (
        Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
      ) -> Int32
    /// The function of that name, which the headers of the C library hide; `nil` where the library has none.
    private static let renameat2: Renameat2? = dlsym(nil, "renameat2").map {
      unsafeBitCast($0, to: Renameat2.self)
    }
  #endif

  /// The path without links, dots and double slashes, or `nil` where nothing is there.
  package static func resolved(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  /// Where a path leads: what a symbolic link names, link after link, whether it exists or not.
  package static func target(of path: String) -> String {
    var path = path
    for _ in 0..<40 {
      var status = stat()
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return path }
      var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
      let count = readlink(path, &buffer, buffer.count)
      guard count > 0 else { return path }
      let name = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      path = name.hasPrefix("/") ? name : "\(path.parentFolder)/\(name)"
    }
    return path
  }
}
