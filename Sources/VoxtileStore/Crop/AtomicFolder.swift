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
///
/// ``commit()`` waits until all files are on the disk, and lets an older folder and the new one change places in one step, so
/// that there is no instant without one of them. Where the file system cannot exchange names, the older folder is set aside
/// for a moment, and put back if the program is killed just then and run again.
final class AtomicFolder: Sendable {
  /// Where files are written until the folder gets its name.
  let temporaryPath: String
  private let path: String
  private let isReplacing: Bool
  /// The folder that stood at the target when the work began.
  private let older: FileIdentity?
  /// The open temporary folder, which holds the lock on its name.
  private let descriptor: Int32
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
    trimmed = Durable.target(of: trimmed)
    try Self.checkTarget(trimmed, replacing: isReplacing)
    if Self.contains(trimmed, file: source) {
      throw VoxtileError(
        .targetExists, "holds the image that is to be cut, \(source); name another folder",
        context: .init(file: trimmed))
    }
    let parent = Durable.folder(of: trimmed)
    Self.clean(trimmed, in: parent)
    let realName = trimmed.split(separator: "/").last ?? name
    temporaryPath = "\(parent)/\(TemporaryName.new(for: realName))"
    do {
      madeParents = try Self.makeFolders(Self.missingFolders(of: parent) + [temporaryPath]).dropLast()
    } catch let error as VoxtileError {
      throw error.inFile(trimmed)
    }
    self.path = trimmed
    self.isReplacing = isReplacing
    older = FileIdentity(trimmed)
    descriptor = open(temporaryPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0, TemporaryName.lock(descriptor, at: temporaryPath) else {
      throw VoxtileError(
        .fileAccess, "cannot be written: another program removed its temporary folder; try again",
        context: .init(file: trimmed))
    }
  }

  /// Removes what killed runs to the same target have left, and puts back a folder that one had set aside.
  private static func clean(_ path: String, in parent: String) {
    let name = path.split(separator: "/").last ?? ""
    for temporary in TemporaryName.abandoned(for: name, in: parent) {
      let aside = temporary + asideEnding
      if access(aside, F_OK) == 0, access(path, F_OK) != 0 { rename(aside, path) }
      try? FileManager.default.removeItem(atPath: temporary)
      try? FileManager.default.removeItem(atPath: aside)
    }
  }

  private static let asideEnding = ".old"

  deinit {
    defer { if descriptor >= 0 { close(descriptor) } }
    guard isOpen.withLock({ $0 }) else { return }
    try? FileManager.default.removeItem(atPath: temporaryPath)
    // A folder that is no longer empty stays.
    madeParents.reversed().forEach { rmdir($0) }
  }

  /// Gives the folder its name when all its files are on the disk.
  ///
  /// - Throws: `VoxtileError.Code.targetExists` where another program has written to the target meanwhile,
  ///   `VoxtileError.Code.fileAccess` where the system fails to write or rename.
  func commit() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: temporaryPath) {
      try Durable.syncFile("\(temporaryPath)/\(name)")
    }
    try Durable.syncFolder(temporaryPath)
    try Self.checkTarget(path, replacing: isReplacing)
    guard FileIdentity(path) == older else { throw changed() }
    let isReplaced = older != nil
    if isReplaced {
      try replace()
    } else if rename(temporaryPath, path) != 0 {
      throw failure("cannot be written")
    }
    isOpen.withLock { $0 = false }
    try Durable.syncFolder(Durable.folder(of: path))
    if isReplaced { try? FileManager.default.removeItem(atPath: temporaryPath) }
  }

  /// Lets the new folder and the older one change places; the older one then has the temporary name.
  private func replace() throws {
    var status = stat()
    if stat(path, &status) == 0 {
      _ = chown(temporaryPath, status.st_uid, status.st_gid)
      chmod(temporaryPath, status.st_mode & 0o777)
    }
    if Durable.exchange(temporaryPath, path) {
      guard FileIdentity(temporaryPath) == older else {
        _ = Durable.exchange(temporaryPath, path)
        throw changed()
      }
      return
    }
    let aside = temporaryPath + Self.asideEnding
    guard rename(path, aside) == 0 else { throw failure("cannot be replaced") }
    guard rename(temporaryPath, path) == 0 else {
      let error = failure("cannot be written")
      rename(aside, path)
      throw error
    }
    rename(aside, temporaryPath)
  }

  private func changed() -> VoxtileError {
    VoxtileError(
      .targetExists, "was written by another program meanwhile, and is kept as that left it; run this again",
      context: .init(file: path))
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

  /// The folders of a path that do not exist, the highest first.
  private static func missingFolders(of path: String) -> [String] {
    var missing: [String] = []
    var folder = path
    while access(folder, F_OK) != 0, folder != Durable.folder(of: folder) {
      missing.insert(folder, at: 0)
      folder = Durable.folder(of: folder)
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
