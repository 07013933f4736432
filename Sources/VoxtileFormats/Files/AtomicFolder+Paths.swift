import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension AtomicFolder {
  /// The folders of a path that do not exist, the highest first.
  static func missingFolders(of path: String) -> [String] {
    var missing: [String] = []
    var folder = path
    while access(folder, F_OK) != 0, folder != folder.parentFolder {
      missing.insert(folder, at: 0)
      folder = folder.parentFolder
    }
    return missing
  }

  /// Makes folders, and gives those that were not there; all of them or none.
  ///
  /// - Parameter lastMode: who may do what with the last one; its owner may do all.
  static func makeFolders(_ paths: [String], lastMode: mode_t) throws -> [String] {
    var made: [String] = []
    for path in paths {
      if mkdir(path, path == paths.last ? lastMode | 0o700 : 0o777) == 0 {
        made.append(path)
      } else if errno != EEXIST || path == paths.last {
        let reason = String(cString: strerror(errno))
        made.reversed().forEach { rmdir($0) }
        throw VoxtileError(.fileAccess, "cannot be created: \(reason)")
      }
    }
    return made
  }

  /// Whether a file lies in a folder, or in one below it.
  static func contains(_ folder: String, file: String) -> Bool {
    guard let folder = Durable.resolved(folder), let file = Durable.resolved(file) else { return false }
    return file.hasPrefix(folder + "/")
  }
}
