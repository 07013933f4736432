import Voxtile
import VoxtileFormats
import VoxtileStore

/// Finds the patch folders inside a folder, each of which is a case: the patches of one scan.
public enum PatchFolderSearch {
  /// Whether a folder is a patch folder itself.
  public static func isPatchFolder(_ path: String) -> Bool {
    FormatProbe("\(path)/\(Manifest.fileName)").kind == .file
  }

  /// Whether a folder is none itself, but holds some.
  ///
  /// - Complexity: O(*names*) in the folder, at any depth.
  public static func isFolderOfPatchFolders(_ path: String) -> Bool {
    guard FormatProbe(path).kind == .folder, !isPatchFolder(path) else { return false }
    return (try? cases(inFolder: path)) != nil
  }

  /// The patch folders that an input means: those inside a folder, or those that a pattern matches. `nil` where it means one, or none.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where two have one name.
  /// - Complexity: O(*names*) in the folder, at any depth, or in those that the pattern leads through.
  package static func cases(of input: String) throws -> CaseList? {
    if isFolderOfPatchFolders(input) { return try cases(inFolder: input) }
    guard FormatProbe(input).kind == .missing, let pattern = CasePattern(input) else { return nil }
    let found = ((try? pattern.matches()) ?? []).filter(isPatchFolder)
    guard !found.isEmpty else { return nil }
    return try CaseList(found.map { ScanCase(pattern.name(of: $0), images: [$0]) })
  }

  /// Makes sure that an input, which means no patch folders by ``cases(of:)``, is no pattern.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where it is one, and so matches nothing.
  package static func checkIsNoPattern(_ input: String) throws(VoxtileError) {
    guard FormatProbe(input).kind == .missing, CasePattern(input) != nil else { return }
    throw VoxtileError(
      .invalidOption, "matches no patch folder; look at the folder and the pattern, and put it in quotes",
      context: .init(file: input))
  }

  /// The patch folders inside a folder at any depth, sorted by name; those inside a patch folder do not count.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where a folder cannot be listed, `VoxtileError.Code.invalidOption` where there is none.
  /// - Complexity: O(*names*) in the folder, at any depth.
  public static func cases(inFolder folder: String) throws -> CaseList {
    var cases: [ScanCase] = []
    try search(folder, under: "", FolderTrail().entering(folder) ?? FolderTrail(), &cases)
    guard !cases.isEmpty else {
      throw VoxtileError(
        .invalidOption, "holds no patches (\(Manifest.fileName)), and no folder in it does",
        context: .init(file: folder))
    }
    return try CaseList(cases)
  }

  private static func search(
    _ folder: String, under prefix: String, _ trail: FolderTrail, _ cases: inout [ScanCase]
  ) throws {
    for name in try Folder.visibleNames(in: folder) {
      let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      guard FormatProbe(path).kind == .folder else { continue }
      if isPatchFolder(path) {
        cases.append(ScanCase(prefix + name, images: [path]))
      } else if let trail = trail.entering(path) {
        try search(path, under: "\(prefix)\(name)/", trail, &cases)
      }
    }
  }
}
