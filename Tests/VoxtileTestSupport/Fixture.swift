import Foundation

/// Files with golden values, in the folder `Fixtures` of a test target.
public enum Fixture {
  /// The place of a file, found from the source file that asks for it.
  public static func url(_ name: String, from filePath: String = #filePath) throws -> URL {
    var folder = URL(filePath: filePath).deletingLastPathComponent()
    while folder.path.count > 1 {
      let candidate = folder.appending(path: "Fixtures/\(name)")
      if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
      folder.deleteLastPathComponent()
    }
    throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: name])
  }

  /// The values of a JSON file.
  public static func json<Value: Decodable>(
    _ name: String, as type: Value.Type, from filePath: String = #filePath
  ) throws -> Value {
    try JSONDecoder().decode(type, from: Data(contentsOf: url(name, from: filePath)))
  }
}
