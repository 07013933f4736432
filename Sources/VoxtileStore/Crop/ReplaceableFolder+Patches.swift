import Voxtile
import VoxtileFormats

extension ReplaceableFolder {
  /// A folder with a manifest and the patches that it names, each a file or a Zarr store of one image.
  static let patches = ReplaceableFolder(holding: "the patches of its manifest") { folder, names in
    let manifest = try? Manifest(contentsOf: "\(folder)/\(Manifest.fileName)")
    let ours = Set((manifest?.entries.map(\.file) ?? []) + [Manifest.fileName])
    return names.first { name in
      let path = "\(folder)/\(name)"
      return !ours.contains(name) || !(isFile(path) || ReplaceableFolder.zarr.matches(path))
    }
  }
}
