import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Folder")
struct FolderTests {
  @Test("what the system refuses is said in its own words")
  func systemErrors() throws {
    try withTemporaryFolder { folder in
      let (missing, below) = ("\(folder)/missing", "\(folder)/a.txt/below")
      try writeFile([1], to: "\(folder)/a.txt")
      let faults: [(String, () throws -> Void)] = [
        ("\(below): cannot be made: Not a directory", { try Folder.make(below) }),
        ("\(missing): cannot be listed: No such file or directory", { _ = try Folder.names(in: missing) }),
        ("\(missing): cannot be listed: No such file or directory", { _ = try Folder.paths(below: missing) }),
        (
          "\(missing): cannot be listed: No such file or directory",
          { _ = try FileDigest(ofFolder: missing) {} }
        ),
        ("\(missing): cannot be removed: No such file or directory", { try Folder.remove(missing) }),
      ]
      for (message, act) in faults {
        let error = try #require(throws: VoxtileError.self, performing: act)
        #expect(error.code == .fileAccess)
        #expect(error.description == message)
      }
    }
  }

  @Test("names and paths are sorted, and hidden ones are left out where they are not visible")
  func lists() throws {
    try withTemporaryFolder { folder in
      try Folder.make("\(folder)/b")
      for name in ["b/c.txt", "b/.d", ".e", "a"] { try writeFile([1], to: "\(folder)/\(name)") }
      #expect(try Folder.names(in: folder) == [".e", "a", "b"])
      #expect(try Folder.visibleNames(in: folder) == ["a", "b"])
      #expect(try Folder.paths(below: folder) == [".e", "a", "b", "b/.d", "b/c.txt"])
      try Folder.remove("\(folder)/b")
      #expect(try Folder.paths(below: folder) == [".e", "a"])
    }
  }
}
