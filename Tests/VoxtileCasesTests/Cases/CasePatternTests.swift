import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileCases

@Suite("A pattern for paths")
struct CasePatternTests {
  /// What matches below a folder, without it.
  private func matches(_ pattern: String, in folder: String) throws -> [String] {
    try #require(CasePattern("\(folder)/\(pattern)")).matches().map { String($0.dropFirst(folder.count + 1)) }
  }

  @Test("a text without a wildcard is no pattern; one with is split where the first stands")
  func parts() {
    #expect(CasePattern("scans/a.nii") == nil)
    #expect(CasePattern("*.nii")?.folder == ".")
    #expect(CasePattern("a/b/c*/d.nii")?.folder == "a/b")
    #expect(CasePattern("/*/x")?.folder == "/")
  }

  @Test("*, ?, [a-z] stay within a name, ** takes any number of folders")
  func wildcards() throws {
    try withTemporaryFolder { folder in
      try makeFiles(
        ["a1.nii", "a2.nii", "ab.nii", "b/a1.nii", "b/c/a1.nii", ".hidden.nii", ".h/a1.nii", "b/.x/a1.nii"],
        in: folder)
      #expect(try matches("*.nii", in: folder) == ["a1.nii", "a2.nii", "ab.nii"])
      #expect(try matches("a?.nii", in: folder) == ["a1.nii", "a2.nii", "ab.nii"])
      #expect(try matches("a[0-9].nii", in: folder) == ["a1.nii", "a2.nii"])
      #expect(try matches("*/a1.nii", in: folder) == ["b/a1.nii"])
      #expect(try matches("**/a1.nii", in: folder) == ["a1.nii", "b/a1.nii", "b/c/a1.nii"])
      #expect(try matches("b/**", in: folder) == ["b/a1.nii", "b/c", "b/c/a1.nii"])
      #expect(try matches("**/c/*", in: folder) == ["b/c/a1.nii"])
      #expect(try matches(".*.nii", in: folder) == [".hidden.nii"])
      #expect(try matches("nothing*", in: folder).isEmpty)
    }
  }

  @Test("a folder that is not there is an error")
  func noFolder() {
    expectRefusal(.fileAccess, "/none/here") { _ = try CasePattern("/none/here/*.nii")?.matches() }
  }

  @Test(
    "links that lead in circles end, and a link to a folder elsewhere is followed", .timeLimit(.minutes(30)))
  func circles() throws {
    try withTemporaryFolder { folder in
      try makeFiles(["in/a.nii", "out/b.nii"], in: folder)
      for name in ["one", "two", "three"] {
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/in/\(name)", withDestinationPath: ".")
      }
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/in/out", withDestinationPath: "\(folder)/out")
      #expect(try matches("in/**/*.nii", in: folder) == ["in/a.nii", "in/out/b.nii"])
    }
  }
}
