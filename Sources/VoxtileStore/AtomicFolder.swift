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
  /// Where files are written meanwhile.
  let temporaryPath: String
  private let path: String
  private let isReplacing: Bool
  private let isOpen = Mutex(true)

  private static let serial = Atomic<Int>(0)

  /// Creates a temporary folder beside the target.
  ///
  /// An empty folder may stand at the target. One with files is replaced only if that is asked for and it
  /// holds nothing but a manifest and the patches named there: nobody's other files are removed.
  init(_ path: String, replacing isReplacing: Bool) throws {
    var trimmed = path
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    try Self.checkTarget(trimmed, replacing: isReplacing)
    let parent = Self.parent(of: trimmed)
    do {
      try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    } catch {
      throw VoxtileError(
        .fileAccess, "cannot be created", context: .init(file: parent), underlying: error)
    }
    let name = trimmed.split(separator: "/").last.map(String.init) ?? trimmed
    let serial = Self.serial.wrappingAdd(1, ordering: .relaxed).newValue
    temporaryPath = "\(parent)/.\(name).voxtile-\(getpid())-\(serial).tmp"
    guard mkdir(temporaryPath, 0o777) == 0 else {
      throw VoxtileError(
        .fileAccess, "cannot be created: \(String(cString: strerror(errno)))",
        context: .init(file: trimmed))
    }
    self.path = trimmed
    self.isReplacing = isReplacing
  }

  deinit {
    if isOpen.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: temporaryPath) }
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

  private func failure(_ what: String) -> VoxtileError {
    VoxtileError(
      .fileAccess, "\(what): \(String(cString: strerror(errno)))", context: .init(file: path))
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func checkTarget(_ path: String, replacing isReplacing: Bool) throws {
    guard access(path, F_OK) == 0 else { return }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw VoxtileError(
        .targetExists, "exists and is not a folder; name another target", context: .init(file: path))
    }
    guard !names.isEmpty else { return }
    guard isReplacing else { throw VoxtileError.targetExists(path) }
    let manifest = try? Manifest(contentsOf: "\(path)/\(Manifest.fileName)")
    let ours = Set((manifest?.entries.map(\.file) ?? []) + [Manifest.fileName])
    if let other = names.sorted().first(where: { !ours.contains($0) }) {
      throw VoxtileError(
        .targetExists,
        "holds files that are no patches of its manifest, such as \(other); "
          + "remove them or name another folder",
        context: .init(file: path))
    }
  }
}
