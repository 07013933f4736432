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

/// A pattern for paths, as a shell has it: `*`, `?` and `[a-z]` within a name, and `**` for any number of folders.
///
///     try CasePattern("study/**/*_T1w.nii.gz").matches()
public struct CasePattern: Hashable, Sendable {
  /// The pattern as it was given.
  public let text: String
  /// The folder before the first name with a wildcard.
  public let folder: String
  /// What follows it, name by name.
  private let parts: [String]

  /// Takes a pattern; `nil` where a text has no wildcard.
  public init?(_ text: String) {
    guard text.contains(where: { "*?[".contains($0) }) else { return nil }
    self.text = text
    var names = text.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    var fixed: [String] = []
    while let name = names.first, !name.contains(where: { "*?[".contains($0) }) {
      fixed.append(name)
      names.removeFirst()
    }
    let root = text.hasPrefix("/") ? "/" : ""
    folder = fixed.isEmpty && root.isEmpty ? "." : root + fixed.joined(separator: "/")
    parts = names
  }

  /// The paths of files and folders that match, sorted. Names that begin with a dot match only a pattern that does.
  ///
  /// Links are followed, but not in circles; folders that cannot be listed are passed over.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where there is no such folder.
  /// - Complexity: O(*names*) of the folders that the pattern leads through.
  public func matches() throws(VoxtileError) -> [String] {
    guard FormatProbe(folder).kind == .folder else {
      throw VoxtileError(
        .fileAccess, "matches nothing, since there is no folder \(folder)", context: .init(file: text))
    }
    var found: Set<String> = []
    Self.collect(parts[...], in: folder, FolderTrail().entering(folder) ?? FolderTrail(), &found)
    return found.sorted()
  }

  /// What a path that matches is called: without the folder before the first wildcard.
  func name(of path: String) -> String { String(path.dropFirst(folder == "." ? 0 : folder.count + 1)) }

  private static func collect(
    _ parts: ArraySlice<String>, in folder: String, _ trail: FolderTrail, _ found: inout Set<String>
  ) {
    guard let part = parts.first else { return }
    let rest = parts.dropFirst()
    if part == "**" {
      // No folder at all, and then any.
      collect(rest.isEmpty ? ["*"] : rest, in: folder, trail, &found)
    }
    for name in names(in: folder) where part == "**" ? !name.hasPrefix(".") : matches(name, part) {
      let path = folder == "." ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      if part == "**" {
        guard FormatProbe(path).kind == .folder, let trail = trail.entering(path) else { continue }
        collect(parts, in: path, trail, &found)
      } else if rest.isEmpty {
        found.insert(path)
      } else {
        collect(rest, in: path, trail, &found)
      }
    }
  }

  private static func matches(_ name: String, _ pattern: String) -> Bool {
    fnmatch(pattern, name, FNM_PERIOD) == 0
  }

  private static func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }
}
