import Voxtile
import VoxtileFormats

/// A folder of patch files and the manifest that says what they are.
///
///     let store = try PatchStore.crop("brain.nii.gz", into: "patches", settings: settings)
///     // ... any tool works on the files ...
///     try store.merge(to: "merged.nii.gz")
///
/// The folder that is read may be another one than the manifest's: another tool's outputs under the same
/// names.
public struct PatchStore: Sendable {
  /// Where the patch files are.
  public let folder: String
  /// What they are.
  public let manifest: Manifest
  /// Whether the manifest lies in the folder, so that its files are those that were cut; if not, they are another tool's.
  public let holdsCutPatches: Bool

  /// Opens a patch folder.
  ///
  /// - Parameters:
  ///   - folder: the folder with the patch files.
  ///   - manifest: the path of the manifest; by default the `voxtile.json` in the folder.
  /// - Throws: what ``Manifest/init(contentsOf:)`` throws. The patch files are not looked at.
  public init(contentsOf folder: String, manifest: String? = nil) throws {
    self.folder = folder
    let usual = "\(folder)/\(Manifest.fileName)"
    holdsCutPatches = manifest == nil || FileIdentity(manifest ?? usual) == FileIdentity(usual)
    do {
      self.manifest = try Manifest(contentsOf: manifest ?? "\(folder)/\(Manifest.fileName)")
    } catch var error as VoxtileError {
      if manifest == nil, error.code == .fileAccess {
        error.remedy = .nameManifest
      }
      throw error
    }
  }

  /// Whether a box of a patch costs only its own bytes, as far as the names of the files tell.
  public var isRandomAccess: Bool {
    ImageFormats.registry.isRandomAccess(forName: ".\(manifest.fileExtension)")
  }

  init(folder: String, manifest: Manifest) {
    self.folder = folder
    self.manifest = manifest
    holdsCutPatches = true
  }

  /// The path of one patch's file, whether it exists or not.
  public func path(of patch: Patch) -> String {
    "\(folder)/\(manifest.entries[patch.index].file)"
  }
}
