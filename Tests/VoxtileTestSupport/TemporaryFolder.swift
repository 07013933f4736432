import Foundation

/// Runs a test with a folder of its own, and removes it.
///
/// - Parameter body: gets the path of the folder, without a slash at its end.
public func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "voxtile-test-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

/// Runs an asynchronous test with a folder of its own, and removes it.
///
/// - Parameter body: gets the path of the folder, without a slash at its end.
public func withTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "voxtile-test-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await body(folder.path)
}

/// The names of everything in a folder, hidden files too, in order.
public func fileNames(in folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

/// The bytes of a file.
public func fileBytes(_ path: String) throws -> [UInt8] {
  try [UInt8](Data(contentsOf: URL(filePath: path)))
}

/// Writes a file, or writes over it.
public func writeFile(_ bytes: [UInt8], to path: String) throws {
  try Data(bytes).write(to: URL(filePath: path))
}

/// Writes a file in the place of any older one.
///
/// A file that is overwritten in place goes to the disk at once on some file systems; a new one does not.
public func writeNewFile(_ bytes: [UInt8], to path: String) throws {
  try? FileManager.default.removeItem(atPath: path)
  try writeFile(bytes, to: path)
}

/// Writes a byte of a file again, so that nothing but the time of its last change is another.
public func rewriteByte(of path: String) throws {
  let file = try FileHandle(forUpdating: URL(filePath: path))
  defer { try? file.close() }
  guard let first = try file.read(upToCount: 1) else { return }
  try file.seek(toOffset: 0)
  try file.write(contentsOf: first)
}
