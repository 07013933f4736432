import Voxtile
import VoxtileFormats

/// A file that is going to be written.
enum Target {
  /// Makes sure that an image may be written, before long work is done for nothing: its format, its folder, and that
  /// nothing is in the way.
  static func check(_ path: String, replacing isReplacing: Bool) throws {
    _ = try ImageFormats.registry.formatForWriting(path)
    // It is removed again: a temporary file beside the target.
    _ = try AtomicFile(path, replacing: isReplacing)
  }
}
