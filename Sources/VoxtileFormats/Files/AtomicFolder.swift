import Synchronization
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

/// A folder that appears under its name with all its files, or not at all.
///
/// ``commit()`` waits until all files are on the disk, and lets an older folder and the new one change places in one step, so
/// that there is no instant without one of them. Where the file system cannot exchange names, the older folder is set aside
/// for a moment, and put back by the next run if the program is killed just then.
package final class AtomicFolder: Sendable {
  /// Where files are written until the folder gets its name.
  package let temporaryPath: String
  private let path: String
  private let isReplacing: Bool
  private let replaceable: ReplaceableFolder
  private let isDurable: Bool
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
  /// holds nothing but what `replaceable` knows: no other files are ever removed.
  ///
  /// - Parameters:
  ///   - path: where the folder will appear; folders above it are made.
  ///   - isReplacing: whether an older folder of that kind may be replaced.
  ///   - replaceable: the kind of folder.
  ///   - isDurable: whether ``commit()`` waits for the disk.
  ///   - sources: files that are still needed and must not lie in a folder that is replaced.
  package init(
    _ path: String, replacing isReplacing: Bool, of replaceable: ReplaceableFolder,
    durable isDurable: Bool = true, keeping sources: [String] = []
  ) throws {
    var trimmed = path.withoutSlashesAtEnd
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
    try replaceable.check(trimmed, replacing: isReplacing)
    if let source = sources.first(where: { Self.contains(trimmed, file: $0) }) {
      throw VoxtileError(
        .targetExists, "holds \(source), which is read; name another folder",
        context: .init(file: trimmed))
    }
    let parent = trimmed.parentFolder
    if isDurable { Self.clean(trimmed) }
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
    self.replaceable = replaceable
    self.isDurable = isDurable
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
  package func commit() throws {
    do {
      if isDurable { try Durable.syncTree(temporaryPath) }
    } catch let error as VoxtileError {
      throw named(error)
    }
    try replaceable.check(path, replacing: isReplacing)
    guard FileIdentity(path) == older else { throw changed() }
    var replaced: String?
    if older != nil {
      replaced = try replace()
    } else {
      try giveName()
    }
    isOpen.withLock { $0 = false }
    for folder in madeParents + [path] where isDurable { try Durable.syncFolder(folder.parentFolder) }
    if let replaced { try? FileManager.default.removeItem(atPath: replaced) }
  }

  /// Gives the folder its name where nothing has that name.
  private func giveName() throws {
    switch Durable.move(temporaryPath, toFree: path) {
    case .done: return
    case .failed(let number): errno = number
    case .unknownHere: if rename(temporaryPath, path) == 0 { return }
    }
    // Another run may have given its folder, or a file, the name since it was looked for.
    throw [EEXIST, ENOTEMPTY, ENOTDIR].contains(errno) ? changed() : failure("cannot be written")
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
      try giveName()
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
    do throws(VoxtileError) {
      try replaceable.check(displaced, replacing: true)
    } catch {
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
  package func named(_ error: VoxtileError) -> VoxtileError {
    guard let file = error.context.file, file.hasPrefix(temporaryPath) else { return error }
    var error = error
    error.context.file = path + file.dropFirst(temporaryPath.count)
    return error
  }

  private func failure(_ what: String) -> VoxtileError {
    VoxtileError(
      .fileAccess, "\(what): \(String(cString: strerror(errno)))", context: .init(file: path))
  }
}
