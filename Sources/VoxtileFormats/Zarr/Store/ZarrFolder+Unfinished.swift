import Voxtile

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A store whose full resolution is still being written: a folder with the arrays of levels, and no document of its own.
extension ZarrFolder {
  /// Makes sure that the folder holds nothing but levels, which have numbers as names.
  ///
  /// - Throws: `VoxtileError.Code.targetExists` where there is something else, `VoxtileError.Code.fileAccess` where it cannot be listed.
  func checkHoldsLevelsOnly() throws(VoxtileError) {
    guard let other = try names().first(where: { !Self.isLevel($0) }) else { return }
    let isFinished = ZarrNode.documents.contains(other)
    throw VoxtileError(
      .targetExists,
      isFinished
        ? "is a finished image already; name another folder"
        : "exists and holds files other than levels of an image, such as \(other); name another folder",
      context: .init(file: path))
  }

  /// Removes what killed processes have left: other levels than the first, and chunks that were not complete.
  ///
  /// - Parameter allowsWriters: whether others may write chunks once more that are there.
  /// - Throws: `VoxtileError.Code.fileAccess` where a chunk is being written at this moment, and must not be.
  func removeUnfinished(beside first: String, allowsWriters: Bool) throws(VoxtileError) {
    for name in try names() where name != first {
      try Folder.remove(file(name))
    }
    for name in try Folder.paths(below: file(first)) {
      guard TemporaryName.isTemporary(name.fileName) else { continue }
      let path = "\(file(first))/\(name)"
      guard
        TemporaryName.ifAbandoned(path, { try? FileManager.default.removeItem(atPath: path) })
          || allowsWriters || Self.isNothing(at: path)
      else {
        throw VoxtileError(
          .fileAccess,
          "is being written by another process; finish the image when all of it has been written",
          context: .init(file: path))
      }
    }
  }

  private static func isLevel(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// The names of what is in the folder, in order.
  func names() throws(VoxtileError) -> [String] {
    try Folder.names(in: path)
  }
}
