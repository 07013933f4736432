import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Finds the file of each patch in a folder, under the names that other tools give their outputs.
struct PatchFileSearch {
  /// The names that tools make of `{name}`, the name of a patch without its ending: as it is, with the suffix or prefix that
  /// says what it is, with the channel number of nnU-Net, or in a folder of its own as MONAI writes it.
  static let knownPatterns = [
    "{name}", "{name}_seg", "{name}_pred", "pred_{name}", "{name}_0000", "{name}/{name}_trans",
    "{name}/{name}_seg",
  ]

  private let folder: String
  private let manifest: Manifest
  private let patterns: [String]
  /// The names of all files and folders in the folder.
  let names: Set<String>
  /// The names of images by their stems, in the order of the endings: `a.ome.tif` is listed under `a` and `a.ome`.
  private let namesByStem: [Substring: [String]]

  /// - Parameter pattern: how the files are called, such as `{name}_seg.nii.gz`; `nil` for ``knownPatterns``.
  /// - Throws: `VoxtileError.Code.invalidOption` for a pattern without `{name}` or that leads out of the folder,
  ///   `VoxtileError.Code.fileAccess` where the folder cannot be read.
  init(in store: PatchStore, pattern: String?) throws {
    folder = store.folder
    manifest = store.manifest
    if let pattern {
      guard pattern.contains("{name}"), !pattern.hasPrefix("/"),
        !pattern.split(separator: "/").contains("..")
      else {
        throw VoxtileError(
          .invalidOption,
          "the pattern '\(pattern)' does not say how patch files in the folder are called; write {name} for the name of "
            + "a patch without its ending, as in '{name}_seg.nii.gz'",
          context: .init(expected: "{name}", found: pattern))
      }
      patterns = [pattern]
    } else {
      patterns = Self.knownPatterns
    }
    let names = try store.fileNames()
    var byStem: [Substring: [String]] = [:]
    for ending in ImageFormats.registry.endings.map({ ".\($0)" }) {
      for name in names where name.hasSuffix(ending) {
        byStem[name.dropLast(ending.count), default: []].append(name)
      }
    }
    (self.names, namesByStem) = (names, byStem)
  }

  /// The path of a patch's file, or `nil` where there is none.
  ///
  /// - Throws: `VoxtileError.Code.duplicatePatch` where there are several that could be meant.
  func path(of patch: Patch) throws -> String? {
    let found = candidates(for: patch)
    guard found.count <= 1 else {
      throw VoxtileError(
        .duplicatePatch,
        "has \(found.count) files for patch \(patch.index) (\(found.joined(separator: ", ")))",
        remedy: .namePattern,
        context: .init(
          file: folder, expected: manifest.entries[patch.index].file, found: found.joined(separator: ", ")))
    }
    return found.first.map { "\(folder)/\($0)" }
  }

  /// The files that may hold a patch, by their paths in the folder. A pair of header and image counts once, by its header.
  func candidates(for patch: Patch) -> [String] {
    let entry = manifest.entries[patch.index].file
    let registry = ImageFormats.registry
    var found: [String] = []
    for pattern in patterns {
      for name in manifest.names(of: patch) {
        let paths = files(called: pattern.replacing("{name}", with: name))
        // The patch's own name comes first.
        for path in paths.filter({ $0 == entry }) + paths where !found.contains(path) { found.append(path) }
      }
    }
    let companions = Set(found.flatMap(registry.companions))
    return found.filter { !companions.contains($0) }
  }

  /// The files that are there with a path, or where that has no ending, with the path and any ending.
  private func files(called path: String) -> [String] {
    let slash = path.utf8.firstIndex(of: UInt8(ascii: "/"))
    if let slash, !names.contains(String(path[..<slash])) { return [] }
    if ImageFormats.registry.ending(of: path) != nil {
      return exists(path, inFolder: slash != nil) ? [path] : []
    }
    if slash == nil { return namesByStem[path[...]] ?? [] }
    return ImageFormats.registry.endings.map { "\(path).\($0)" }.filter { exists($0, inFolder: true) }
  }

  private func exists(_ path: String, inFolder isInFolder: Bool) -> Bool {
    isInFolder ? FileManager.default.fileExists(atPath: "\(folder)/\(path)") : names.contains(path)
  }

  /// The error of patches that have no file; it names some of the files that are there instead.
  func missing(_ patches: [Patch]) -> VoxtileError {
    let expected = manifest.entries[patches[0].index].file
    let count = manifest.grid.count
    let others = names.subtracting([Manifest.fileName]).subtracting(manifest.entries.map(\.file)).sorted()
    let instead =
      others.isEmpty
      ? patches.count == count ? "; nothing else is there" : "; those of all others are there"
      : "; \(others.prefix(3).joined(separator: ", "))"
        + (others.count > 3
          ? " and \(others.count - 3) more are there instead"
          : others.count == 1
            ? " is there instead" : " are there instead")
    let which =
      patches.count == 1
      ? "has no file for patch \(patches[0].index) (\(expected))"
      : "has no files for \(patches.count) of \(count) patches, the first being \(expected)"
    return VoxtileError(
      .missingPatch, which + instead, remedy: .namePatternOrFillMissing,
      context: .init(file: folder, expected: expected, found: others.first ?? "no file"))
  }
}

extension Manifest {
  /// The names of a patch's file without an ending: as it was cut, and without the suffix that was added for a tool.
  func names(of patch: Patch) -> [String] {
    let name = ImageFormats.registry.stem(of: entries[patch.index].file)
    guard !fileSuffix.isEmpty, name.hasSuffix(fileSuffix) else { return [name] }
    return [name, String(name.dropLast(fileSuffix.count))]
  }
}

extension PatchStore {
  /// The names of all files in the folder.
  func fileNames() throws -> Set<String> {
    do {
      return Set(try FileManager.default.contentsOfDirectory(atPath: folder))
    } catch {
      throw VoxtileError(
        .fileAccess, "is not a folder that can be read; name a folder of patch files",
        context: .init(file: folder))
    }
  }
}
