import Foundation
import Testing
import VoxtileStore

@testable import BorderPictures
@testable import GuideExamples

@Suite("Guides")
struct GuideTests {
  @Test("every line of Swift and Python in the guides stands in an example that is compiled or can be run")
  func codeIsCompiled() throws {
    for (language, ending) in [("swift", "swift"), ("python", "py")] {
      let examples = try Self.examples(ending: ending)
      let blocks = try Guide.all().flatMap { guide in
        guide.blocks(of: language).map { (guide.name, $0) }
      }
      #expect(!blocks.isEmpty)
      for (guide, block) in blocks {
        #expect(examples.contains(unindented(block)), "\(guide): not in Examples:\n\(block)")
      }
    }
  }

  @Test("the examples print what the guides say they print")
  func outputIsPromised() async throws {
    let guides = try Guide.all()
    for (name, lines) in try await GuideExamples.transcripts() {
      let guide = try #require(guides.first { $0.name == name })
      #expect(!lines.isEmpty)
      #expect(guide.promisedOutput == lines, "\(name)")
    }
  }

  @Test("the manifest of the guide is read, and says what the guide says")
  func manifestIsRead() throws {
    let guide = try #require(try Guide.all().first { $0.name == "TheManifest" })
    let json = try #require(guide.blocks(of: "json").first)
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(json.utf8).write(to: file)
    let manifest = try Manifest(contentsOf: file.path)
    #expect(manifest.grid.map(\.region.origin.x) == [0, 36])
    #expect(manifest.source.name == "cells.png")
    #expect(manifest.source.metadata.header?.bytes.count == 10)
  }

  @Test("the pictures are those that the library draws")
  func picturesAreCurrent() throws {
    let folder = Guide.root.appending(path: "Sources/Voxtile/Voxtile.docc")
    let pictures = try BorderPictures.all()
    for (file, svg) in pictures {
      let committed = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      #expect(committed == svg, "\(file): run swift run BorderPictures \(folder.path)")
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".svg") }
    #expect(Set(files) == Set(pictures.map(\.file)))
  }

  /// All examples in a language, unindented, one after another.
  private static func examples(ending: String) throws -> String {
    let folder = Guide.root.appending(path: "Examples")
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    return try (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == ending }
      .map { unindented(try String(contentsOf: $0, encoding: .utf8)) }.joined(separator: "\n")
  }
}
