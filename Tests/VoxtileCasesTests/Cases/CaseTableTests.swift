import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileCases

@Suite("A table of scans")
struct CaseTableTests {
  private func table(_ text: String, named name: String = "list.csv") throws -> CaseTable {
    try withTemporaryFolder { folder in
      try writeFile(Array(text.utf8), to: "\(folder)/\(name)")
      return try CaseTable(contentsOf: "\(folder)/\(name)")
    }
  }

  private func relative(_ table: CaseTable) -> [[String]] { table.cases.files }

  @Test("columns may stand in any order, and paths are relative to the folder of the table")
  func columns() throws {
    try withTemporaryFolder { folder in
      let text = "Mask,image2,case,image,labels,site\r\nm.nii,t2.nii,a/b,/data/t1.nii,,Kiel\r\n"
      try writeFile(Array(text.utf8), to: "\(folder)/list.csv")
      let table = try CaseTable(contentsOf: "\(folder)/list.csv")
      let expected = ScanCase("a/b", images: ["/data/t1.nii", "\(folder)/t2.nii"], mask: "\(folder)/m.nii")
      #expect(Array(table.cases) == [expected])
      #expect(table.otherColumns == ["site"])
    }
  }

  @Test("without names, scans are called after their first images; a .tsv is separated by tabs")
  func withoutNames() throws {
    let table = try table("image\timage2\nx/a.nii.gz\tb.nii\nc.mha\td, e.nii\n", named: "list.TSV")
    #expect(table.cases.names == ["a", "c"])
    #expect(relative(table) == [["a.nii.gz", "b.nii"], ["c.mha", "d, e.nii"]])
  }

  @Test("what is wrong is said with the file and the line")
  func faults() {
    let cases: [(String, [String])] = [
      ("", ["line 1", "is empty"]),
      ("image\n", ["line 1", "names no scan"]),
      ("scan,file\na,b\n", ["line 1", "no column 'image'", "'scan', 'file'"]),
      ("image,image3\na,b\n", ["line 1", "channels [1, 3]"]),
      ("image,IMAGE\na,b\n", ["line 1", "twice"]),
      ("image,image2\na.nii,b.nii\n\nc.nii,\n", ["line 4", "1 of 2 images"]),
      ("image,labels\na.nii\n", ["line 2", "1 value,", "2 columns"]),
      ("image\n\"a.nii\n", ["line 2", "never closed"]),
    ]
    for (text, words) in cases {
      let error = expectRefusal(.malformedFile) { _ = try table(text) }
      for word in words + ["list.csv"] { #expect(error?.description.contains(word) == true, "\(text)") }
    }
    expectRefusal(.fileAccess, "none.csv") { _ = try CaseTable(contentsOf: "/none.csv") }
  }

  @Test("two scans of one name, and names that lead elsewhere, are refused")
  func names() {
    expectRefusal(.invalidOption, "'a'", "one name") { _ = try table("image\nx/a.nii\ny/a.nii\n") }
    for name in ["../a", "/a", "a//b", "a/./b", "~a", "a/"] {
      expectRefusal(.invalidOption, "'\(name)'") { _ = try table("case,image\n\(name),a.nii\n") }
    }
  }
}
