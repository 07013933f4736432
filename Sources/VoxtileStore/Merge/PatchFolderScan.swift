import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension PatchStore {
  /// Where a patch's file is: under its own name, or under that name with another format's ending.
  ///
  /// - Throws: `VoxtileError.Code.missingPatch` where there is none,
  ///   `VoxtileError.Code.duplicatePatch` where there are several that could be meant.
  func locate(_ patch: Patch, among files: Set<String>) throws -> String {
    let name = manifest.entries[patch.index].file
    let found = candidates(for: name, among: files)
    guard let file = found.first else {
      throw VoxtileError(
        .missingPatch,
        "has no file for patch \(patch.index); \(name) should be there (or the same name with another "
          + "format's ending)",
        context: .init(file: folder, expected: name, found: "no file"))
    }
    guard found.count == 1 else {
      throw VoxtileError(
        .duplicatePatch,
        "has \(found.count) files for patch \(patch.index) (\(found.joined(separator: ", "))); keep one",
        context: .init(file: folder, expected: name, found: found.joined(separator: ", ")))
    }
    return "\(folder)/\(file)"
  }

  /// The files that may be meant by the name of a patch: that name, and the same with another ending. A pair
  /// of header and image counts once, by its header.
  func candidates(for name: String, among files: Set<String>) -> [String] {
    let stem = Self.stem(of: name)
    let registry = ImageFormats.registry
    let names = [name] + registry.endings.map { "\(stem).\($0)" }.filter { $0 != name }
    let found = names.filter(files.contains)
    let companions = Set(found.flatMap(registry.companions))
    return found.filter { !companions.contains($0) }
  }

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

  /// A file name without its format's ending.
  static func stem(of name: String) -> String {
    guard let ending = ImageFormats.registry.ending(of: name) else { return name }
    return String(name.dropLast(ending.count + 1))
  }
}
