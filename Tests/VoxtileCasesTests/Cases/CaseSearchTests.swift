import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileCases

@Suite("A search for scans")
struct CaseSearchTests {
  private func search(recursive isRecursive: Bool = false) -> CaseSearch {
    var search = CaseSearch()
    search.isRecursive = isRecursive
    return search
  }

  @Test("images are found by their endings, in the order of their names; hidden files are not looked at")
  func endings() throws {
    try withTemporaryFolder { folder in
      try makeFiles(["b.nii.gz", "a.nii", "c.PNG", ".d.nii", "._a.nii", "notes.txt"], in: folder)
      let list = try search().cases(inFolder: folder)
      #expect(list.names == ["a", "b", "c"] && list.files == [["a.nii"], ["b.nii.gz"], ["c.PNG"]])
      #expect(list.passedOver == ["\(folder)/notes.txt"] && list.unsearched.isEmpty && list.guess == nil)
      #expect(try search().cases(inFolder: folder + "/").names == list.names)
    }
  }

  @Test("a header and its voxels are one scan, by its header, and no other file")
  func companions() throws {
    try withTemporaryFolder { folder in
      for name in ["a.hdr", "b.mhd", "c.nhdr"] { try makeImage("\(folder)/\(name)") }
      #expect(try fileNames(in: folder).count == 6)
      let list = try search().cases(inFolder: folder)
      #expect(list.names == ["a", "b", "c"] && list.files == [["a.hdr"], ["b.mhd"], ["c.nhdr"]])
      #expect(list.passedOver.isEmpty)
      let matched = try search().cases(matching: #require(CasePattern("\(folder)/*")))
      #expect(matched.names == list.names)
    }
  }

  @Test("a Zarr folder is one scan, and not searched")
  func zarr() throws {
    try withTemporaryFolder { folder in
      try makeImage("\(folder)/z.ome.zarr")
      try makeFiles(["sub/a.nii"], in: folder)
      let list = try search().cases(inFolder: folder)
      #expect(list.names == ["z"] && list.unsearched == ["\(folder)/sub"])
      #expect(try search(recursive: true).cases(inFolder: folder).names == ["sub/a", "z"])
    }
  }

  @Test("scans in folders are named after these, so that equal file names are different scans")
  func recursive() throws {
    try withTemporaryFolder { folder in
      try makeFiles(["s/1/a.nii", "s/2/a.nii", "a.nii", ".git/b.nii"], in: folder)
      #expect(try search(recursive: true).cases(inFolder: folder).names == ["a", "s/1/a", "s/2/a"])
      #expect(
        try search().cases(matching: #require(CasePattern("\(folder)/s/*/a.nii"))).names == ["1/a", "2/a"])
    }
  }

  @Test("links that lead in circles end", .timeLimit(.minutes(30)))
  func circles() throws {
    try withTemporaryFolder { folder in
      try makeFiles(["a.nii", "s/b.nii"], in: folder)
      for name in ["one", "two", "s/three", "s/four"] {
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/\(name)", withDestinationPath: folder)
      }
      #expect(try search(recursive: true).cases(inFolder: folder).names == ["a", "s/b"])
    }
  }

  @Test("a link that leads nowhere is a scan, so that the job says what is wrong with it")
  func broken() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/a.nii.gz", withDestinationPath: "none")
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/a.txt", withDestinationPath: "none")
      let list = try search().cases(inFolder: folder)
      #expect(list.names == ["a"] && list.passedOver == ["\(folder)/a.txt"])
    }
  }

  @Test("nothing found is an error that says what is there")
  func nothing() throws {
    try withTemporaryFolder { folder in
      try makeFiles(["s/a.nii", "notes.txt"], in: folder)
      let error = expectRefusal(.invalidOption, "no image", "1 folder, which are not searched") {
        _ = try search().cases(inFolder: folder)
      }
      #expect(error?.remedy == .searchFolders && error?.context.found == "1 other files")
      expectRefusal(.invalidOption, "matches no image") {
        _ = try search().cases(matching: #require(CasePattern("\(folder)/*.nii")))
      }
      expectRefusal(.fileAccess, "cannot be listed") { _ = try search().cases(inFolder: "\(folder)/none") }
    }
  }

  @Test("one scan in two formats, and two files of one name, are refused with both paths")
  func equalNames() throws {
    try withTemporaryFolder { folder in
      try makeFiles(["a.nii", "a.nii.gz"], in: folder)
      expectRefusal(.invalidOption, "a.nii and", "a.nii.gz", "'a'") {
        _ = try search().cases(inFolder: folder)
      }
      expectRefusal(.invalidOption, "x/a.nii", "y/a.nii") {
        _ = try search().cases(of: ["x/a.nii", "y/a.nii"])
      }
    }
  }
}
