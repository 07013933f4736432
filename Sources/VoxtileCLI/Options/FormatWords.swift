import Voxtile
import VoxtileFormats

/// Formats in words: lists for the help, and what is said of them.
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

  /// What is said where a format cannot say how stored values become real ones.
  ///
  /// - Parameters:
  ///   - type: that of the real values.
  ///   - path: a file of that format, by its name.
  static func realValues(as type: ScalarType, in path: String) -> String {
    let title = ImageFormats.registry.format(forName: path)?.title ?? "the format"
    return
      "real values are written, as \(type.rawValue), since \(title) cannot say how stored values become real ones"
  }

  private static func list(_ words: [String], _ conjunction: String) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " \(conjunction) \(last)"
  }
}
