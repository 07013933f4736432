import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The hidden name under which a target is written, beside it: `.NAME.voxtile-NUMBER.tmp`.
///
/// Who writes under such a name holds a lock on it (`flock`), which ends with its process. So a later run to the same target
/// knows what a killed one has left, and removes it.
package enum TemporaryName {
  private static let mark = ".voxtile-"
  private static let ending = ".tmp"

  /// A name that no other run has, not even one that was killed and had the same process number.
  package static func new(for name: some StringProtocol) -> String {
    "\(start(for: name))\(String(UInt64.random(in: 0 ... .max), radix: 36))\(ending)"
  }

  private static func start(for name: some StringProtocol) -> String {
    // File systems allow names of 255 bytes.
    ".\(String(decoding: name.utf8.prefix(200), as: UTF8.self))\(mark)"
  }

  /// Locks what was made under a temporary name.
  ///
  /// - Parameter descriptor: the open file or folder.
  /// - Returns: whether it still has its name: another run may have taken it for abandoned before it was locked.
  package static func lock(_ descriptor: Int32, at path: String) -> Bool {
    // Without locks, as on some network file systems, nothing is ever taken for abandoned.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else { return false }
    var own = stat()
    var named = stat()
    return fstat(descriptor, &own) == 0 && lstat(path, &named) == 0 && own.st_ino == named.st_ino
  }

  /// Calls a body for each temporary name beside a target whose owner is gone. Until the body returns, its lock is held, so
  /// that nobody else takes the name.
  ///
  /// - Parameter target: the path of the target.
  package static func forEachAbandoned(beside target: String, _ body: (_ path: String) -> Void) {
    let (folder, start) = (target.parentFolder, start(for: target.fileName))
    for name in names(in: folder) where name.hasPrefix(start) && name.hasSuffix(ending) {
      let path = "\(folder)/\(name)"
      ifAbandoned(path) { body(path) }
    }
  }

  /// Whether a name is a temporary one, of whatever target.
  static func isTemporary(_ name: String) -> Bool {
    name.hasPrefix(".") && name.contains(mark) && name.hasSuffix(ending)
  }

  /// Calls a body if the owner of a temporary name is gone, with its lock held.
  ///
  /// - Returns: whether it was called.
  @discardableResult
  static func ifAbandoned(_ path: String, _ body: () -> Void) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return false }
    body()
    return true
  }

  private static func names(in folder: String) -> [String] {
    guard let listing = opendir(folder) else { return [] }
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
    return names
  }
}
