import Synchronization
import Voxtile
import VoxtileFormats

/// Opens images, and prints each note about them once.
enum Input {
  private static let printed = Mutex<Set<String>>([])

  /// Opens an image, and prints its notes unless they have been printed.
  static func open(_ path: String) throws -> any VolumeReader {
    let reader = try ImageFormats.open(path)
    sayNotes(on: [(path, reader.info.notes)])
    return reader
  }

  private static let described = Mutex<[String: VolumeInfo]>([:])

  /// What an image is that many others need; it is opened once, which takes long for a DICOM series.
  static func info(_ path: String) throws -> VolumeInfo {
    if let info = described.withLock({ $0[path] }) { return info }
    let info = try open(path).info
    described.withLock { $0[path] = info }
    return info
  }

  /// Prints the notes of images that are opened elsewhere; what cannot be read is passed over.
  static func sayNotes(on paths: [String]) {
    sayNotes(on: paths.map { ($0, (try? ImageFormats.open($0).info.notes) ?? []) })
  }

  /// Prints each note once, with the first file that has it and the number of the others.
  static func sayNotes(on files: [(path: String, notes: [String])]) {
    var noted: [(note: String, paths: [String])] = []
    for (path, notes) in files {
      for note in notes {
        if let index = noted.firstIndex(where: { $0.note == note }) {
          noted[index].paths.append(path)
        } else {
          noted.append((note, [path]))
        }
      }
    }
    for (note, paths) in noted {
      let new = paths.filter { path in printed.withLock { $0.insert("\(path): \(note)").inserted } }
      guard let first = new.first else { continue }
      let others = new.count > 1 ? " (as do \(Console.count(new.count - 1, "other file")))" : ""
      Console.note("\(first.printable) \(note.printable)\(others)")
    }
  }
}
