import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A folder of a Zarr store, with the documents that say what is in it.
struct ZarrFolder: Sendable {
  let path: String

  /// The most bytes of a document.
  static let maxDocumentBytes = 16 << 20

  /// A folder inside.
  ///
  /// - Parameter name: one name or several, such as `labels/cells`.
  func folder(_ name: String) -> ZarrFolder {
    ZarrFolder(path: path.hasSuffix("/") ? path + name : "\(path)/\(name)")
  }

  /// The path of a file inside.
  func file(_ name: String) -> String { folder(name).path }

  /// Reads a document.
  ///
  /// - Parameter skipped: keys whose values are not kept.
  /// - Returns: `nil` where there is none.
  /// - Throws: `VoxtileError.Code.malformedFile` where it is no JSON or too long, `VoxtileError.Code.fileAccess` where it cannot
  ///   be read.
  func document(_ name: String, skipping skipped: Set<String> = []) throws(VoxtileError) -> JSONValue? {
    let path = file(name)
    if Self.isNothing(at: path) { return nil }
    let file = try InputFile(path)
    do throws(VoxtileError) {
      guard file.byteCount <= Self.maxDocumentBytes else {
        throw VoxtileError(
          .malformedFile,
          "has \(file.byteCount) bytes; metadata of Zarr have at most \(Self.maxDocumentBytes)",
          context: .init(
            expected: "at most \(Self.maxDocumentBytes) bytes", found: "\(file.byteCount) bytes"))
      }
      return try JSONValue(
        try file.prefix(file.byteCount), of: "a document of Zarr metadata", skipping: skipped)
    } catch {
      throw error.inFile(path)
    }
  }

  /// Whether a path leads to nothing, and is not even a link that leads nowhere.
  static func isNothing(at path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR)
  }

  /// Makes a folder inside, with those above it.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails.
  func makeFolders(_ name: String) throws(VoxtileError) {
    var path = path
    for part in name.split(separator: "/") {
      path += "/\(part)"
      guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw .system("cannot be created", file: path) }
    }
  }

  /// Makes the folder itself, unless it is there.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails, `VoxtileError.Code.targetExists` where a file has its name.
  func makeFolders() throws(VoxtileError) {
    if mkdir(path, 0o777) == 0 { return }
    guard errno == EEXIST else { throw .system("cannot be created", file: path) }
    guard !FormatProbe.isFolder(path) else { return }
    throw VoxtileError(
      .targetExists, "exists and is no folder; name another one", context: .init(file: path))
  }

  /// Removes a file, where there is one.
  static func remove(_ path: String) throws(VoxtileError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw .system("cannot be removed", file: path) }
  }

  /// Writes a document, which appears whole in place of one that another process may have written meanwhile.
  func replace(_ document: JSONValue, at name: String) throws {
    let file = try AtomicFile(file(name), replacing: true, durable: false)
    let bytes = document.bytes(isIndented: true)
    try bytes.withUnsafeBytes { try file.write($0, at: 0) }
    try file.commit()
  }

  /// Writes a document, which appears whole.
  func write(_ document: JSONValue, to name: String) throws {
    let file = try AtomicFile(file(name), durable: false)
    try file.write(document.bytes(isIndented: true), at: 0)
    try file.commit()
  }
}
