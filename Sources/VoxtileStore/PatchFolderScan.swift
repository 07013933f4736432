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
  /// - Throws: `VoxtileError.Code.missingPatch` where there is none, or two that could be meant.
  func locate(_ patch: Patch, among files: Set<String>) throws -> String {
    let name = manifest.entries[patch.index].file
    if files.contains(name) { return "\(folder)/\(name)" }
    let stem = Self.stem(of: name)
    let others = ImageFormats.fileExtensions.map { "\(stem).\($0)" }
      .filter(files.contains)
    guard let other = others.first else {
      throw VoxtileError(
        .missingPatch,
        "has no file for patch \(patch.index); \(name) should be there (or the same name with another "
          + "format's ending)",
        context: .init(file: folder, expected: name, found: "no file"))
    }
    guard others.count == 1 else {
      throw VoxtileError(
        .duplicatePatch,
        "has \(others.count) files for patch \(patch.index) (\(others.joined(separator: ", "))); keep one",
        context: .init(file: folder, expected: name, found: others.joined(separator: ", ")))
    }
    return "\(folder)/\(other)"
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
    guard let ending = ImageFormats.fileExtension(of: name) else { return name }
    return String(name.dropLast(ending.count + 1))
  }
}
