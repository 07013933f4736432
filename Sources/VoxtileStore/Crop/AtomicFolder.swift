import Synchronization
import Voxtile
import VoxtileFormats

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

/// A folder that appears under its name with all its files, or not at all.
final class AtomicFolder: Sendable {
  /// Where files are written until the folder gets its name.
  let temporaryPath: String
  private let path: String
  private let isReplacing: Bool
  /// The parent folders that were created for it, the highest first.
  private let madeParents: [String]
  private let isOpen = Mutex(true)

  /// Creates a temporary folder beside the target.
  ///
  /// An empty folder may stand at the target. One with files is replaced only if that is asked for and it
  /// holds nothing but a manifest and the patches named there: no other files are ever removed.
  ///
  /// - Parameters:
  ///   - path: where the folder will appear; folders above it are made.
  ///   - isReplacing: whether an older patch folder may be replaced.
  ///   - source: a file that is still needed and must not lie in a folder that is replaced.
  init(_ path: String, replacing isReplacing: Bool, keeping source: String) throws {
    var trimmed = path
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    guard let name = trimmed.split(separator: "/").last, name != ".", name != ".." else {
      throw VoxtileError(
        .invalidOption, "is not the name of a folder that can be made; name a new folder",
        context: .init(file: path))
    }
    try Self.checkTarget(trimmed, replacing: isReplacing)
    if Self.contains(trimmed, file: source) {
      throw VoxtileError(
        .targetExists, "holds the image that is to be cut, \(source); name another folder",
        context: .init(file: trimmed))
    }
    let parent = Self.parent(of: trimmed)
    temporaryPath = "\(parent)/\(AtomicFile.temporaryName(for: name))"
    do {
      madeParents = try Self.makeFolders(Self.missingFolders(of: parent) + [temporaryPath]).dropLast()
    } catch let error as VoxtileError {
      throw error.inFile(trimmed)
    }
    self.path = trimmed
    self.isReplacing = isReplacing
  }

  deinit {
    guard isOpen.withLock({ $0 }) else { return }
    try? FileManager.default.removeItem(atPath: temporaryPath)
    // A folder that is no longer empty stays.
    madeParents.reversed().forEach { rmdir($0) }
  }

  /// Gives the folder its name.
  func commit() throws {
    try Self.checkTarget(path, replacing: isReplacing)
    var replaced: String?
    if access(path, F_OK) == 0 {
      let aside = temporaryPath + ".old"
      guard rename(path, aside) == 0 else { throw failure("cannot be replaced") }
      replaced = aside
    }
    guard rename(temporaryPath, path) == 0 else {
      let error = failure("cannot be written")
      if let replaced { rename(replaced, path) }
      throw error
    }
    isOpen.withLock { $0 = false }
    if let replaced { try? FileManager.default.removeItem(atPath: replaced) }
  }

  /// An error, with the name that a file was to have instead of its temporary one.
  func named(_ error: VoxtileError) -> VoxtileError {
    guard let file = error.context.file, file.hasPrefix(temporaryPath) else { return error }
    var error = error
    error.context.file = path + file.dropFirst(temporaryPath.count)
    return error
  }

  private func failure(_ what: String) -> VoxtileError {
    VoxtileError(
      .fileAccess, "\(what): \(String(cString: strerror(errno)))", context: .init(file: path))
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The folders of a path that do not exist, the highest first.
  private static func missingFolders(of path: String) -> [String] {
    var missing: [String] = []
    var folder = path
    while access(folder, F_OK) != 0, folder != parent(of: folder) {
      missing.insert(folder, at: 0)
      folder = parent(of: folder)
    }
    return missing
  }

  /// Makes folders, and gives those that were not there; all of them or none.
  private static func makeFolders(_ paths: [String]) throws -> [String] {
    var made: [String] = []
    for path in paths {
      if mkdir(path, 0o777) == 0 {
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
  private static func contains(_ folder: String, file: String) -> Bool {
    guard let folder = resolved(folder), let file = resolved(file) else { return false }
    return file.hasPrefix(folder + "/")
  }

  /// The path without links, or `nil` where nothing is there.
  private static func resolved(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  private static func checkTarget(_ path: String, replacing isReplacing: Bool) throws {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw VoxtileError(
        .targetExists, "exists and is not a folder that can be read; name another target",
        context: .init(file: path))
    }
    if names.isEmpty { return }
    let manifest = try? Manifest(contentsOf: "\(path)/\(Manifest.fileName)")
    let ours = Set((manifest?.entries.map(\.file) ?? []) + [Manifest.fileName])
    if let other = names.sorted().first(where: { !ours.contains($0) || !isFile("\(path)/\($0)") }) {
      throw VoxtileError(
        .targetExists,
        "exists and holds files other than the patches of its manifest, such as \(other); "
          + "remove that or name another folder",
        context: .init(file: path))
    }
    guard isReplacing else { throw VoxtileError.targetExists(path) }
  }

  private static func isFile(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}
