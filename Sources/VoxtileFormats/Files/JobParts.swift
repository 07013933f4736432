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

/// Which parts of a job are done, where several processes make one result: a hidden folder beside it, `.NAME.voxtile-parts`.
///
/// Each part that is done has a file there. The process that ends the last one completes the result.
package struct JobParts: Sendable {
  private let path: String
  private let count: Int

  /// Takes part in a job, or begins it.
  ///
  /// - Parameters:
  ///   - result: the path of the result.
  ///   - count: how many parts there are.
  ///   - identity: what is made, from what and how.
  /// - Throws: `VoxtileError.Code.targetExists` where the parts of another job are there, `VoxtileError.Code.fileAccess` where the
  ///   folder cannot be made or written.
  package init(of result: String, count: Int, identity: String) throws {
    let result = result.withoutSlashesAtEnd
    path = Self.path(for: result)
    self.count = count
    let text = [UInt8]("\(count) parts of \(identity)\n".utf8)
    // Another process may complete the result and remove the folder at any moment but while this one has the lock.
    var lock: AppendedFile?
    repeat {
      try Folder.make(path)
      lock = try locked()
    } while lock == nil
    defer { withExtendedLifetime(lock) {} }
    let file = "\(path)/job"
    if FormatProbe(file).kind == .missing { try AtomicFile.write(text, to: file, replacing: true) }
    guard FileManager.default.contents(atPath: file).map({ [UInt8]($0) }) == text else {
      throw VoxtileError(
        .targetExists,
        "is being made in another number of parts, or from other predictions; give each part the same options, or remove it and the folder "
          + path,
        context: .init(file: result))
    }
    // The result was removed, and with it what had been done.
    if FormatProbe(result).kind == .missing { for part in 1...count { unlink("\(path)/part-\(part)") } }
  }

  /// Whether parts of a result have been begun that is not complete.
  package static func areBegun(for result: String) -> Bool {
    FormatProbe("\(path(for: result.withoutSlashesAtEnd))/job").kind == .file
  }

  /// Whether all parts are done.
  package var areAllDone: Bool { (1...count).allSatisfy(isDone) }

  /// Waits until nobody is completing the result.
  package func waitForCompletion() throws { _ = try locked() }

  /// Removes what parts have begun for a result that is complete.
  package static func remove(for result: String) {
    try? FileManager.default.removeItem(atPath: path(for: result.withoutSlashesAtEnd))
  }

  private static func path(for result: String) -> String {
    "\(result.parentFolder)/.\(result.fileName).voxtile-parts"
  }

  /// Whether a part is done.
  package func isDone(_ part: Int) -> Bool { FormatProbe("\(path)/part-\(part)").kind == .file }

  /// Ends a part, whose share of the result is on the disk.
  ///
  /// - Parameter complete: is called where all parts are done, by one process only.
  /// - Returns: whether the result is complete.
  /// - Throws: what `complete` throws; the part counts as done then, and ending it again tries again.
  package func end(_ part: Int, complete: () throws -> Void) throws -> Bool {
    let lock = try locked()
    defer { withExtendedLifetime(lock) {} }
    // Somebody else has completed the result and removed the folder.
    guard FormatProbe("\(path)/job").kind == .file else { return true }
    try AtomicFile.write([], to: "\(path)/part-\(part)", replacing: true)
    guard areAllDone else { return false }
    try complete()
    try? FileManager.default.removeItem(atPath: path)
    return true
  }

  /// Waits until no other process has the lock.
  private func locked() throws -> AppendedFile? {
    while FormatProbe(path).kind == .folder {
      let opened = Result { () throws -> AppendedFile in try AppendedFile("\(path)/lock") }
      if case .success(let file) = opened { return file }
      // The folder may be gone between the two calls.
      if case .failure(let error as VoxtileError) = opened, error.code != .targetExists,
        FormatProbe(path).kind == .folder
      {
        throw error
      }
      usleep(50_000)
    }
    return nil
  }
}
