import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileCases

@Suite("A search for patch folders")
struct PatchFolderSearchTests {
  @Test("patch folders are found at any depth, and not inside one another")
  func depth() throws {
    try withTemporaryFolder { folder in
      try makeFiles(
        ["a/voxtile.json", "s/b/voxtile.json", "s/b/c/voxtile.json", ".h/voxtile.json", "s/d/x.nii"],
        in: folder)
      let list = try PatchFolderSearch.cases(inFolder: folder)
      #expect(list.names == ["a", "s/b"] && list.map(\.images) == [["\(folder)/a"], ["\(folder)/s/b"]])
      #expect(PatchFolderSearch.isFolderOfPatchFolders(folder) && !PatchFolderSearch.isPatchFolder(folder))
      #expect(PatchFolderSearch.isPatchFolder("\(folder)/a"))
      #expect(!PatchFolderSearch.isFolderOfPatchFolders("\(folder)/a"))
    }
  }

  @Test("an input means the patch folders in it, or those that a pattern matches, and otherwise none")
  func inputs() throws {
    try withTemporaryFolder { folder in
      try makeFiles(["a/voxtile.json", "s/b/voxtile.json", "s/c/voxtile.json", "s/d/x.nii"], in: folder)
      #expect(try PatchFolderSearch.cases(of: folder)?.names == ["a", "s/b", "s/c"])
      let list = try PatchFolderSearch.cases(of: "\(folder)/s/*")
      #expect(list?.names == ["b", "c"] && list?.map(\.images) == [["\(folder)/s/b"], ["\(folder)/s/c"]])
      #expect(try PatchFolderSearch.cases(of: "\(folder)/*/b")?.names == ["s/b"])
      for input in ["a", "s/d", "s/d*", "none/*", "none"] {
        #expect(try PatchFolderSearch.cases(of: "\(folder)/\(input)") == nil)
      }
      for input in ["s/d*", "none/*"] {
        expectRefusal(.invalidOption, "matches no patch folder") {
          try PatchFolderSearch.checkIsNoPattern("\(folder)/\(input)")
        }
      }
      for input in ["s", "none"] { try PatchFolderSearch.checkIsNoPattern("\(folder)/\(input)") }
    }
  }

  @Test("a folder without any is an error, and links in circles end", .timeLimit(.minutes(30)))
  func nothing() throws {
    try withTemporaryFolder { folder in
      for name in ["one", "two", "three"] {
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/\(name)", withDestinationPath: folder)
      }
      expectRefusal(.invalidOption, "holds no patches") { _ = try PatchFolderSearch.cases(inFolder: folder) }
      #expect(!PatchFolderSearch.isFolderOfPatchFolders(folder))
      #expect(!PatchFolderSearch.isFolderOfPatchFolders("\(folder)/none"))
    }
  }
}
