import Foundation

/// One page of the documentation, as it stands in the repository.
struct Guide {
  /// The folder of the package.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  let name: String
  private let text: String

  /// Every page of every documentation catalog.
  static func all() throws -> [Guide] {
    let files = FileManager.default.enumerator(
      at: root.appending(path: "Sources"), includingPropertiesForKeys: nil)
    let pages = (files?.compactMap { $0 as? URL } ?? [])
      .filter { $0.pathExtension == "md" && $0.path.contains(".docc/") }
    return try pages.map { page in
      Guide(
        name: page.deletingPathExtension().lastPathComponent,
        text: try String(contentsOf: page, encoding: .utf8))
    }
  }

  /// The code blocks in a language, in order.
  func blocks(of language: String) -> [String] {
    text.components(separatedBy: "```\(language)\n").dropFirst().map { rest in
      rest.components(separatedBy: "\n```").first ?? rest
    }
  }

  /// What the comments behind `print(...)` say is printed, in order.
  var promisedOutput: [String] {
    blocks(of: "swift").flatMap { $0.components(separatedBy: "\n") }.compactMap { line in
      guard line.contains("print("), let comment = line.range(of: ")  // ", options: .backwards) else {
        return nil
      }
      return String(line[comment.upperBound...])
    }
  }
}

/// The lines of a text without their indentation, so that code can be found wherever it stands.
func unindented(_ text: String) -> String {
  text.components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    .joined(separator: "\n")
}
