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
/// for a moment, and put back by the next run if the program is killed just then.
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
    guard !["", "/", ".", ".."].contains(trimmed.fileName) else {
      throw VoxtileError(
        .invalidOption, "is not the name of a folder that can be made; name a new folder",
        context: .init(file: path))
    }
    let linked = Durable.target(of: trimmed)
    guard linked == trimmed || access(linked, F_OK) == 0 else {
      throw VoxtileError(
        .fileAccess, "leads to \(linked), which does not exist; make that folder, or mount its disk",
        context: .init(file: trimmed))
    }
    trimmed = linked
    try Self.checkTarget(trimmed, replacing: isReplacing)
    if Self.contains(trimmed, file: source) {
      throw VoxtileError(
        .targetExists, "holds the image that is to be cut, \(source); name another folder",
        context: .init(file: trimmed))
    }
    let parent = trimmed.parentFolder
    Self.clean(trimmed)
    temporaryPath = "\(parent)/\(TemporaryName.new(for: trimmed.fileName))"
    do {
      madeParents = try Self.makeFolders(
        Self.missingFolders(of: parent) + [temporaryPath], lastMode: Self.mode(of: trimmed) ?? 0o777
      ).dropLast()
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
  private static func clean(_ path: String) {
    TemporaryName.forEachAbandoned(beside: path) { temporary in
      let older = "\(temporary)/\(olderName)"
      if access(older, F_OK) == 0, access(path, F_OK) != 0 { rename(older, path) }
      try? FileManager.default.removeItem(atPath: temporary)
    }
  }

  /// Under this name in the temporary folder of another run's, an older folder waits while it has no name of its own.
  private static let olderName = ".older"

  /// The mode of a folder, as far as it says who may do what; `nil` where there is none.
  private static func mode(of path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
  }

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
    do {
      for name in try FileManager.default.contentsOfDirectory(atPath: temporaryPath) {
        try Durable.syncFile("\(temporaryPath)/\(name)")
      }
      try Durable.syncFolder(temporaryPath)
    } catch let error as VoxtileError {
      throw named(error)
    }
    try Self.checkTarget(path, replacing: isReplacing)
    guard FileIdentity(path) == older else { throw changed() }
    var replaced: String?
    if older != nil {
      replaced = try replace()
    } else if rename(temporaryPath, path) != 0 {
      throw failure("cannot be written")
    }
    isOpen.withLock { $0 = false }
    for folder in madeParents + [path] { try Durable.syncFolder(folder.parentFolder) }
    if let replaced { try? FileManager.default.removeItem(atPath: replaced) }
  }

  /// Lets the new folder take the place of the older one.
  ///
  /// - Returns: where the older one is now, which nobody needs any more.
  private func replace() throws -> String {
    var status = stat()
    if stat(path, &status) == 0 {
      _ = chown(temporaryPath, status.st_uid, status.st_gid)
      chmod(temporaryPath, status.st_mode & 0o777)
    }
    guard try Durable.exchange(temporaryPath, path) else { return try setAside() }
    do {
      try checkDisplaced(temporaryPath)
    } catch {
      _ = try Durable.exchange(temporaryPath, path)
      throw error
    }
    return temporaryPath
  }

  /// Replaces the older folder by two renames, where the file system cannot exchange names.
  private func setAside() throws -> String {
    let folder = "\(path.parentFolder)/\(TemporaryName.new(for: path.fileName))"
    guard mkdir(folder, 0o700) == 0 else { throw failure("cannot be replaced") }
    let lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(lock) }
    let aside = "\(folder)/\(Self.olderName)"
    guard TemporaryName.lock(lock, at: folder), rename(path, aside) == 0 else {
      let error = failure("cannot be replaced")
      rmdir(folder)
      throw error
    }
    do {
      try checkDisplaced(aside)
      guard rename(temporaryPath, path) == 0 else { throw failure("cannot be written") }
    } catch {
      rename(aside, path)
      rmdir(folder)
      throw error
    }
    return folder
  }

  /// Makes sure that a folder that was replaced is the one that was there before, and still holds nothing but its patches.
  private func checkDisplaced(_ displaced: String) throws {
    guard FileIdentity(displaced) == older else { throw changed() }
    do {
      try Self.checkTarget(displaced, replacing: true)
    } catch let error as VoxtileError {
      var error = error
      error.context.file = path
      throw error
    }
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
    while access(folder, F_OK) != 0, folder != folder.parentFolder {
      missing.insert(folder, at: 0)
      folder = folder.parentFolder
    }
    return missing
  }

  /// Makes folders, and gives those that were not there; all of them or none.
  ///
  /// - Parameter lastMode: who may do what with the last one; its owner may do all.
  private static func makeFolders(_ paths: [String], lastMode: mode_t) throws -> [String] {
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
