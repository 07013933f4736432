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

/// A kind of folder that may be replaced as a whole, since all that is in it is known.
package struct ReplaceableFolder: Sendable {
  private let content: String
  private let firstOther: @Sendable (_ folder: String, _ names: [String]) -> String?

  /// Creates a kind.
  ///
  /// - Parameters:
  ///   - content: what such a folder holds, for messages, such as `the patches of its manifest`.
  ///   - firstOther: the name of the first thing in a folder that is none of it, or `nil`.
  package init(
    holding content: String,
    firstOther: @escaping @Sendable (_ folder: String, _ names: [String]) -> String?
  ) {
    self.content = content
    self.firstOther = firstOther
  }

  /// Makes sure that a folder may be written to a path: nothing is there, or an empty folder, or one of this kind where that may
  /// be replaced.
  ///
  /// - Throws: `VoxtileError.Code.targetExists` where it may not.
  func check(_ path: String, replacing isReplacing: Bool) throws(VoxtileError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw VoxtileError(
        .targetExists, "exists and is not a folder that can be read; name another target",
        context: .init(file: path))
    }
    if names.isEmpty { return }
    if let other = firstOther(path, names.sorted()) {
      throw VoxtileError(
        .targetExists,
        "exists and holds files other than \(content), such as \(other); remove that or name another folder",
        context: .init(file: path))
    }
    guard isReplacing else { throw VoxtileError.targetExists(path) }
  }

  /// Whether a path leads to a folder of this kind, and not through a link, that is not empty.
  package func matches(_ path: String) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
      let names = try? FileManager.default.contentsOfDirectory(atPath: path), !names.isEmpty
    else { return false }
    return firstOther(path, names.sorted()) == nil
  }

  /// Whether a path leads to a regular file, and not through a link.
  package static func isFile(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}
