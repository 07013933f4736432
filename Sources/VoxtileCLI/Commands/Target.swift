import Voxtile
import VoxtileFormats

/// A file that is going to be written.
enum Target {
  /// Makes sure that an image may be written, before long work is done for nothing: its format, its folder, and that
  /// nothing is in the way.
  static func check(_ path: String, replacing isReplacing: Bool) throws {
    guard ImageFormats.format(forName: path) != nil else {
      let endings = ImageFormats.fileExtensions.map { "." + $0 }.joined(separator: ", ")
      throw VoxtileError(
        .unsupportedFormat, "has no ending of a format that is written here; use \(endings)",
        context: .init(file: path))
    }
    // It is removed again: a temporary file beside the target.
    _ = try AtomicFile(path, replacing: isReplacing)
  }
}
