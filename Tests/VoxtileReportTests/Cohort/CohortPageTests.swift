import Foundation
import Testing
import Voxtile
import VoxtileCases
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("CohortPage")
struct CohortPageTests {
  private func page(_ entries: [JournalEntry], in folder: String, pictureBytes: Int = 7 << 20) -> CohortPage {
    CohortPage(
      Cohort.summary(entries), in: folder, origin: .init(version: "1.2.3"), pictureBytes: pictureBytes)
  }

  private func writePicture(of name: String, in folder: String, bytes: Int = 900) throws {
    let path = CaseThumbnail.path(of: name, in: folder)
    try FileManager.default.createDirectory(
      at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
    try writeFile([UInt8](repeating: 7, count: bytes), to: path)
  }

  @Test("the page holds its style, script and data, and nothing from the network")
  func whole() throws {
    let text = String(
      decoding: try CohortPage(Cohort.data([Cohort.done("sub-1"), Cohort.failed("sub-2")])).html(),
      as: UTF8.self)
    #expect(["title", "style", "data", "script"].allSatisfy { !text.contains("{{\($0)}}") })
    #expect(text.contains("default-src 'none'") && text.contains("function caseRow"))
    let addresses = text.matches(of: /https?:\/\/[^"' )]+/).map { String($0.output) }
    #expect(Set(addresses).isSubset(of: ["http://www.w3.org/2000/svg"]))
    #expect(!text.contains("<link rel=\"stylesheet") && !text.contains("src=\""))
  }

  @Test("names and messages cannot break out of the script")
  func escapes() throws {
    let name = "</script><script>alert(1)</script>&<!--{{style}}"
    let text = String(
      decoding: try CohortPage(Cohort.data([Cohort.failed(name, name)])).html(), as: UTF8.self)
    #expect(!text.contains("<script>alert") && !text.contains("<!--"))
  }

  @Test("pictures are those of the folder, and one that is too large or of a case that failed is none")
  func pictures() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "site 2/b", "lost"] { try writePicture(of: name, in: folder) }
      try writePicture(of: "large", in: folder, bytes: 100_000)
      let rows = page(
        ["a", "site 2/b", "none", "large"].map { Cohort.done($0) } + [Cohort.failed("lost")], in: folder
      ).data.rows
      #expect(Set(rows.filter { $0.picture != nil }.map(\.name)) == ["a", "site 2/b"])
      #expect(rows.first { $0.name == "a" }?.picture.flatMap { Data(base64Encoded: $0)?.count } == 900)
    }
  }

  @Test("where pictures are too many, the first cases of the page keep theirs")
  func budget() throws {
    try withTemporaryFolder { folder in
      for number in 1...6 { try writePicture(of: "sub-\(number)", in: folder) }
      let entries = (1...6).map { Cohort.done("sub-\($0)", disagreement: Double($0) / 10) }
      let data = page(entries, in: folder, pictureBytes: 2500).data
      #expect(data.rows.map { $0.picture != nil } == [true, true, false, false, false, false])
      #expect(data.picturesLeftOut == 4 && data.rows[0].name == "sub-6")
    }
  }

  @Test("a page of a case is linked where it is there")
  func links() throws {
    try withTemporaryFolder { folder in
      try writeFile([1], to: "\(folder)/a.html")
      var entries = ["a", "b"].map { Cohort.done($0) }
      for (index, name) in ["a", "b"].enumerated() { entries[index].findings?.page = "\(name).html" }
      let rows = page(entries, in: folder).data.rows
      #expect(rows.map(\.page) == ["a.html", nil])
    }
  }

  @Test("a case with seven labels takes less than 10 KB of the page, which replaces an older one")
  func size() throws {
    try withTemporaryFolder { folder in
      let labels = Dictionary(uniqueKeysWithValues: (1...7).map { ($0, 100 / 7 * Double($0)) })
      let entries = (1...200).map { Cohort.done("sub-\($0)", labels: labels, disagreement: 0.0123456789) }
      for entry in entries { try writePicture(of: entry.name, in: folder, bytes: SmallPicture.wantedBytes) }
      try writeFile([1], to: "\(folder)/index.html")
      try page(entries, in: folder).write(into: folder)
      #expect((1_000_000..<2_000_000).contains(try fileBytes("\(folder)/index.html").count))
    }
  }
}
