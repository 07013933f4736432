import Voxtile
import VoxtileFormats

/// An image that is going to be written.
enum Target {
  /// Checks before long work that an image can be written: its format, its folder, and that no older file is in the way.
  static func check(_ path: String, replacing isReplacing: Bool) throws {
    _ = try ImageFormats.registry.formatForWriting(path)
    // Dropping the value removes its temporary file.
    _ = try AtomicFile(path, replacing: isReplacing)
  }
}
