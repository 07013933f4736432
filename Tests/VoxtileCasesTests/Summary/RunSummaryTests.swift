import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileCases

@Suite("The summary of many cases")
struct RunSummaryTests {
  private static func entries() -> [String: JournalEntry] {
    var found = CaseFindings(extent: [4, 5, 6], spacing: [1, 0.5, 2.25], patches: 8, seconds: 1.23456789)
    found.skippedPatches = 2
    found.networkSeconds = 1
    found.peakMemoryBytes = 3 << 19
    found.meanConfidence = 0.98765432
    found.disagreement = 0
    found.labels = [
      .init(label: 1, name: "lung, left", voxels: 30, milliliters: 0.03375),
      .init(label: 2, name: nil, voxels: 5, milliliters: 1e-7),
    ]
    found.warnings = ["one", "two \"quoted\""]
    var bare = CaseFindings(extent: [4, 5, 1], spacing: nil, patches: 1, seconds: 0)
    bare.labels = [.init(label: 2, name: nil, voxels: 9, milliliters: nil)]
    let output = JournalEntry.Output(name: "a.nii", bytes: 1, checksum: "crc32:00000000")
    let failure = JournalEntry.Failure(code: "malformedFile", message: "is damaged,\nbadly")
    let all = [
      JournalEntry(name: "b", event: .done, date: "", findings: bare),
      JournalEntry(name: "a", event: .done, date: "", outputs: [output], findings: found),
      JournalEntry(name: "c", event: .failed, date: "", failure: failure),
      JournalEntry(name: "d", event: .started, date: ""),
    ]
    return Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
  }

  @Test("a row for each case in the order of the names, and the counts")
  func rows() {
    let summary = RunSummary(entries: Self.entries())
    #expect(summary.rows.map(\.name) == ["a", "b", "c", "d"])
    #expect(summary.rows.map(\.status) == ["done", "done", "failed", "unfinished"])
    #expect(
      (summary.cases, summary.done, summary.skipped, summary.failed, summary.unfinished) == (4, 2, 0, 1, 1))
  }

  @Test("the table has the same columns in all rows, and is read again as it was written")
  func csv() throws {
    let csv = RunSummary(entries: Self.entries()).csv
    #expect(csv.utf8.count { $0 == 0x0D } == 5)
    let rows = try SeparatedValues(Array(csv.utf8), separator: 0x2C).rows.map(\.values)
    #expect(rows.count == 5 && rows.allSatisfy { $0.count == rows[0].count })
    func column(_ title: String) throws -> [String] {
      let index = try #require(rows[0].firstIndex(of: title), "\(title)")
      return rows.dropFirst().map { $0[index] }
    }
    #expect(try column("case") == ["a", "b", "c", "d"])
    #expect(try column("depth") == ["6", "1", "", ""] && column("spacing z mm") == ["2.25", "", "", ""])
    #expect(
      try column("seconds") == ["1.23457", "0", "", ""] && column("skipped patches") == ["2", "0", "", ""])
    #expect(try column("peak memory MiB") == ["1.5", "", "", ""])
    #expect(
      try column("mean confidence") == ["0.987654", "", "", ""]
        && column("disagreement") == ["0", "", "", ""])
    // A case that is done and lacks a label has none of it; of one that is not, nothing is known.
    #expect(try column("1 lung, left voxels") == ["30", "0", "", ""])
    #expect(try column("1 lung, left ml") == ["0.03375", "", "", ""])
    #expect(
      try column("label 2 voxels") == ["5", "9", "", ""] && column("label 2 ml") == ["1e-07", "", "", ""])
    #expect(try column("warnings")[0] == "one; two \"quoted\"" && column("outputs")[0] == "a.nii")
    #expect(try column("error") == ["", "", "is damaged,\nbadly", ""])
  }

  @Test("numbers are written with six digits that count, and nothing is lost of whole ones")
  func numbers() throws {
    for (value, text) in [
      (0, "0"), (1, "1"), (123_456_789, "123456789"), (0.1, "0.1"), (1.0 / 3, "0.333333"),
      (123_456.7, "123457"),
      (.nan, ""), (.infinity, ""), (1e20, "1e+20"), (-2.5, "-2.5"),
    ] {
      let found = CaseFindings(extent: [1, 1, 1], spacing: nil, patches: 1, seconds: value)
      let summary = RunSummary(entries: [
        "a": JournalEntry(name: "a", event: .done, date: "", findings: found)
      ])
      let rows = try SeparatedValues(Array(summary.csv.utf8), separator: 0x2C).rows.map(\.values)
      let index = try #require(rows[0].firstIndex(of: "seconds"))
      #expect(rows[1][index] == text, "\(value)")
    }
  }

  @Test("the files are written in place of older ones, and the JSON is read again")
  func files() throws {
    try withTemporaryFolder { folder in
      let summary = RunSummary(entries: Self.entries())
      for _ in 0..<2 { try summary.write(into: folder) }
      #expect(try fileNames(in: folder) == RunSummary.fileNames)
      #expect(try fileBytes("\(folder)/summary.csv") == Array(summary.csv.utf8))
      let read = try JSONDecoder().decode(RunSummary.self, from: Data(fileBytes("\(folder)/summary.json")))
      #expect(try read.json() == summary.json())
      #expect(read.version == 1 && read.rows[0].findings == Self.entries()["a"]?.findings)
    }
  }

  @Test("the summary of journals joins parts; a folder without one is an error")
  func journals() throws {
    try withTemporaryFolder { folder in
      expectRefusal(.fileAccess, "no journal") { _ = try RunSummary(ofJournalsIn: folder) }
      for (number, names) in [(1, ["a", "c"]), (2, ["b", "d"])] {
        let journal = try Journal(in: folder, part: CasePart(number, of: 2))
        for name in names { try journal.add(#require(Self.entries()[name])) }
      }
      let joined = try RunSummary(ofJournalsIn: folder)
      #expect(try joined.json() == RunSummary(entries: Self.entries()).json())
    }
  }

  @Test("the summary of a run tells what it has done from what was done before, and has only its own cases")
  func outcomes() throws {
    let entries = Self.entries()
    let outcomes = [
      CaseOutcome(ScanCase("a", images: ["a"]), .skipped, findings: entries["a"]?.findings),
      CaseOutcome(ScanCase("b", images: ["b"]), .done, findings: entries["b"]?.findings),
      CaseOutcome(ScanCase("c", images: ["c"]), .failed(VoxtileError(.malformedFile, "is damaged"))),
    ]
    let summary = RunSummary(outcomes, entries: entries)
    #expect(summary.rows.map(\.status) == ["skipped", "done", "failed"])
    #expect((summary.cases, summary.done, summary.skipped, summary.failed) == (3, 1, 1, 1))
    #expect(summary.rows[0].outputs == ["a.nii"] && summary.rows[2].failure?.message == "is damaged")
  }
}
