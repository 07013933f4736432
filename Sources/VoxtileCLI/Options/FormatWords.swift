import VoxtileFormats

/// Lists of formats for the help.
enum FormatWords {
  /// The endings of patch files: `nii.gz, nii or png`.
  static var patchEndings: String { list(ImageFormats.registry.patchEndings, "or") }

  /// The endings of compressed patch files: `.nii.gz and .png`.
  static var compressedEndings: String {
    let registry = ImageFormats.registry
    let endings = registry.patchEndings.filter {
      registry.format(forName: "." + $0)?.isCompressed(ending: $0) == true
    }
    return list(endings.map { "." + $0 }, "and")
  }

  private static func list(_ words: [String], _ conjunction: String) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " \(conjunction) \(last)"
  }
}
