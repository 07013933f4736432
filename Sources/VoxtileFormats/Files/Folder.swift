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
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw VoxtileError(.fileAccess, "cannot be made", context: .init(file: path), underlying: error)
    }
  }

  /// The names of what is in a folder, sorted, without those that begin with a dot.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where it cannot be listed.
  package static func visibleNames(in path: String) throws(VoxtileError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }.sorted()
    } catch {
      throw VoxtileError(.fileAccess, "cannot be listed", context: .init(file: path), underlying: error)
    }
  }
}
