import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("ScratchFolder")
struct ScratchFolderTests {
  @Test("folders that are made and removed by several threads at once do not take each other away")
  func atOnce() throws {
    // Each looks for what killed runs have left, while others have made a folder that they have not locked yet.
    let arePresent = try Jobs(16).mapThrowing(16) { _ in
      try (0..<500).allSatisfy { _ in
        let folder = try ScratchFolder(for: "scratch-test")
        return withExtendedLifetime(folder) { FileManager.default.fileExists(atPath: folder.path) }
      }
    }
    #expect(arePresent == [Bool](repeating: true, count: 16))
  }

  @Test("a folder is gone with all in it when it is released")
  func removed() throws {
    var folder: ScratchFolder? = try ScratchFolder(for: "scratch-test")
    let path = try #require(folder?.path)
    try writeFile([1], to: "\(path)/a")
    folder = nil
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}
