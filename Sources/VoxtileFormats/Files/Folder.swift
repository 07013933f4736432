import Voxtile

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Folders that results go into.
package enum Folder {
  /// Makes a folder, and those above it, unless it is there.
  ///
  /// - Throws: `VoxtileError.Code.targetExists` where there is a file, `VoxtileError.Code.fileAccess` where it cannot be made.
  package static func make(_ path: String) throws(VoxtileError) {
    if FormatProbe(path).kind == .file {
      throw VoxtileError(
        .targetExists, "is a file, and a folder is needed; name another place", context: .init(file: path))
    }
    try inWordsOfTheSystem("cannot be made", path) {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
  }

  /// Removes a file, or a folder with all that is in it.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where it cannot be removed.
  package static func remove(_ path: String) throws(VoxtileError) {
    try inWordsOfTheSystem("cannot be removed", path) { try FileManager.default.removeItem(atPath: path) }
  }

  /// The names of what is in a folder, sorted.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where it cannot be listed.
  package static func names(in path: String) throws(VoxtileError) -> [String] {
    try inWordsOfTheSystem("cannot be listed", path) {
      try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }
  }

  /// All that is in a folder and in those inside it, as sorted paths below it.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where it cannot be listed.
  package static func paths(below path: String) throws(VoxtileError) -> [String] {
    try inWordsOfTheSystem("cannot be listed", path) {
      try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
    }
  }

  /// The names of what is in a folder, sorted, without those that begin with a dot.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where it cannot be listed.
  package static func visibleNames(in path: String) throws(VoxtileError) -> [String] {
    try names(in: path).filter { !$0.hasPrefix(".") }
  }

  /// Does something with files; where that fails, the error is the system's, not one with the names of classes.
  private static func inWordsOfTheSystem<Result>(
    _ fault: String, _ path: String, _ body: () throws -> Result
  ) throws(VoxtileError) -> Result {
    do {
      return try body()
    } catch {
      if let cause = (error as? CocoaError)?.underlying as? POSIXError {
        throw .system(fault, file: path, number: cause.code.rawValue)
      }
      throw VoxtileError(.fileAccess, fault, context: .init(file: path), underlying: error)
    }
  }
}
