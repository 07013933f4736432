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

  /// The temporary names beside a target whose owners are gone.
  ///
  /// - Parameters:
  ///   - name: the name of the target.
  ///   - folder: its folder.
  /// - Returns: their paths.
  package static func abandoned(for name: some StringProtocol, in folder: String) -> [String] {
    let start = start(for: name)
    guard let listing = opendir(folder) else { return [] }
    defer { closedir(listing) }
    var paths: [String] = []
    while let entry = readdir(listing) {
      let found = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard found.hasPrefix(start), found.hasSuffix(ending) else { continue }
      let path = "\(folder)/\(found)"
      if isAbandoned(path) { paths.append(path) }
    }
    return paths
  }

  private static func isAbandoned(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) == 0
  }
}
