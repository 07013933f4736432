import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A private temporary folder, removed when its last user is gone.
final class TemporaryFolder: Sendable {
  let path: String

  /// Makes the folder where the environment variable `TMPDIR` says, or else in `/var/tmp`.
  init() throws {
    let parent = ScratchFile.parentFolder
    path = "\(parent)/voxtile-\(UUID().uuidString)"
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    } catch {
      throw VoxtileError(
        .fileAccess, "cannot hold temporary files; name another folder in TMPDIR",
        context: .init(file: parent))
    }
  }

  // What cannot be removed any more has been removed already.
  deinit { try? FileManager.default.removeItem(atPath: path) }
}
