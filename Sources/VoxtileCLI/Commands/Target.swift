import Voxtile
import VoxtileFormats

/// The files that are going to be written.
enum Target {
  /// Checks before long work that an image can be written: its format, its folder, and that no older file is in the way.
  ///
  /// - Parameter reading: files that are read and must not be replaced.
  static func check(_ path: String, replacing isReplacing: Bool, reading: [String]) throws {
    _ = try ImageFormats.registry.formatForWriting(path)
    for file in ImageFormats.registry.files(of: path) { try checkIsNotRead(file, reading) }
    try ImageFormats.registry.checkTarget(path, replacing: isReplacing)
  }

  /// Checks that a file can be written: its folder, and that no older file is in the way.
  static func checkFile(_ path: String, replacing isReplacing: Bool) throws {
    // Dropping the value removes its temporary file.
    _ = try AtomicFile(path, replacing: isReplacing)
  }

  /// Makes sure that a file does not take the place of one that is read, whatever leads to it.
  static func checkIsNotRead(_ path: String, _ reading: [String]) throws {
    guard let file = FileIdentity(path) else { return }
    if FormatProbe(path).kind == .folder, let inside = reading.first(where: { isInside($0, path) }) {
      throw VoxtileError(
        .targetExists, "holds \(inside), which is read and must not be written over; name another file",
        context: .init(file: path))
    }
    guard let read = reading.first(where: { FileIdentity($0) == file }) else { return }
    throw VoxtileError(
      .targetExists,
      path == read
        ? "is read, and must not be written over; name another file"
        : "leads to \(read), which is read and must not be written over; name another file",
      context: .init(file: path))
  }

  /// Whether a file lies below a folder, which is an image of many files.
  static func isInside(_ path: String, _ folder: String) -> Bool {
    guard let folder = Durable.resolved(folder), let path = Durable.resolved(path) else { return false }
    return path.hasPrefix(folder + "/")
  }

  /// Makes sure that no two files lead to the same place, and that none lies in another one, which is a folder and is replaced as
  /// a whole.
  static func checkAreDistinct(_ paths: [String]) throws {
    var known: [FilePlace: String] = [:]
    for path in paths {
      if let other = known.updateValue(path, forKey: FilePlace(path)) {
        throw VoxtileError(
          .targetExists, "is to be written twice, also as \(other); name another file",
          context: .init(file: path))
      }
      guard let parent = Durable.resolved(path.parentFolder) else { continue }
      if let folder = paths.first(where: {
        Durable.resolved($0).map { "\(parent)/".hasPrefix("\($0)/") } == true
      }) {
        throw VoxtileError(
          .invalidOption,
          "lies in \(folder.printable), which is written as a whole; name a file outside of it",
          context: .init(file: path))
      }
    }
  }
}
