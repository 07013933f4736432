import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The files of a folder under names of our own, which the converter is shown: it passes over files with some endings, takes
/// others for lists or for other formats, and repeats names that may be those of a patient.
struct DicomLinks: Sendable {
  /// The folder with a link to each file.
  let folder: String
  /// The names that the links have.
  private let links: [String: String]

  /// More than the files of any series.
  private static let countLimit = 1 << 20

  /// Links the files of a folder, but for hidden ones.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails.
  init(_ source: String, in scratch: ScratchFolder) throws(VoxtileError) {
    folder = "\(scratch.path)/files"
    guard mkdir(folder, 0o700) == 0 else { throw .system("cannot hold scratch files", file: folder) }
    guard let absolute = realpath(source, nil) else { throw .system("cannot be opened", file: source) }
    defer { free(absolute) }
    var links: [String: String] = [:]
    for name in folderEntries(source, limit: Self.countLimit).sorted() where !name.hasPrefix(".") {
      let path = "\(String(cString: absolute))/\(name)"
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      let link = "\(folder)/\(links.count).dcm"
      guard symlink(path, link) == 0 else { throw .system("cannot hold scratch files", file: folder) }
      links[name] = link
    }
    self.links = links
  }

  /// The path of the link to a file, or that of the file itself where it has none, as a hidden one.
  func link(to path: String) -> String { links[path.fileName] ?? path }
}
