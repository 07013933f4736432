import Voxtile
import VoxtileFormats

extension ReplaceableFolder {
  /// A folder with a manifest and the patches that it names.
  static let patches = ReplaceableFolder(holding: "the patches of its manifest") { folder, names in
    let manifest = try? Manifest(contentsOf: "\(folder)/\(Manifest.fileName)")
    let ours = Set((manifest?.entries.map(\.file) ?? []) + [Manifest.fileName])
    return names.first { !ours.contains($0) || !isFile("\(folder)/\($0)") }
  }
}
