import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

/// Pages of many images or patch folders, and the page of all that leads to each.
@Suite("voxtile report: many")
struct ReportManyTests {
  private static let extent = Extent(width: 20, height: 18, depth: 16)

  /// Writes images of equal size into a folder.
  private func makeImages(_ program: Program, _ folder: String, _ names: String...) throws {
    try FileManager.default.createDirectory(
      atPath: program.path(folder), withIntermediateDirectories: true)
    for name in names {
      try program.makeImage("\(folder)/\(name).nii.gz", Self.extent, as: UInt8.self, limit: 3)
    }
  }

  @Test("each image of a folder gets a page with its overlay, a damaged one does not stop the others")
  func images() throws {
    try withProgram { program in
      try makeImages(program, "scans", "a", "b")
      try makeImages(program, "labels", "b")
      try writeFile(Array("no image".utf8), to: program.path("scans/c.nii.gz"))
      let words = ["report", "scans", "--overlay", "labels", "--patch", "8", "-o", "pages"]
      let run = try program.run(words)
      #expect(run.status == 1 && run.output.contains("2 of 3 scans done, 1 failed"), "\(run)")
      #expect(run.messages.contains("labels has no file of 2 inputs, such as a"), "\(run)")
      #expect(
        try Set(fileNames(in: program.path("pages"))).isSuperset(of: ["a.html", "b.html", "index.html"]))
      func page(_ name: String) throws -> String {
        String(decoding: try fileBytes(program.path("pages/\(name)")), as: UTF8.self)
      }
      #expect(try page("b.html").contains("labels/b.nii.gz") || page("b.html").contains("\"b.nii.gz\""))
      let index = try page("index.html")
      #expect(index.contains("a.html") && index.contains("b.html") && !index.contains("c.html"))

      let again = try program.run(words + ["--resume"])
      #expect(again.status == 1 && again.output.contains("2 of them before"), "\(again)")
      try makeImages(program, "labels", "a")
      let changed = try program.run(words + ["--resume"])
      #expect(changed.output.contains("1 of them before"), "another overlay is another page: \(changed)")
    }
  }

  @Test("the images of a table get pages under the names that it gives them")
  func table() throws {
    try withProgram { program in
      try makeImages(program, "scans", "a", "b")
      try makeImages(program, "labels", "second")
      try writeFile(
        Array("case,image\nfirst,scans/a.nii.gz\nsecond,scans/b.nii.gz\n".utf8), to: program.path("list.csv"))
      let words = ["report", "--cases", "list.csv", "-o", "pages"]
      let without = try program.run(words)
      #expect(without.status == 64 && without.messages.contains("list.csv names images"), "\(without)")
      let run = try program.run(words + ["--patch", "8", "--overlay", "labels"])
      #expect(
        run.status == 0 && run.messages.contains("labels has no file of 1 input, such as first"), "\(run)")
      let pages = try fileNames(in: program.path("pages"))
      #expect(Set(pages).isSuperset(of: ["first.html", "second.html", "index.html"]))
      let both = try program.run(["report", "scans"] + words.dropFirst() + ["--patch", "8"])
      #expect(both.status == 64 && both.messages.contains("--cases names the scans"), "\(both)")
      #expect(try program("report", "-o", "x.html").status == 64)
    }
  }

  @Test("each image gets a GIF in a folder, and again only where something has changed")
  func animations() throws {
    try withProgram { program in
      try makeImages(program, "scans", "a", "b")
      let words = ["report", "scans", "--patch", "8", "-o", "pages"]
      let run = try program.run(words + ["--animate", "gifs"])
      try #require(run.status == 0 || run.messages.contains("giflib is needed"), "\(run)")
      guard run.status == 0 else { return }
      #expect(try fileNames(in: program.path("gifs")) == ["a.gif", "b.gif"])
      #expect(DecodedGIF(try fileBytes(program.path("gifs/b.gif")))?.frames.count == 29)
      let named = try program.run([
        "report", "scans", "--patch", "8", "-o", "others", "--animate", "named", "--name", "{case}/page",
      ])
      #expect(named.status == 0, "\(named)")
      #expect(try fileNames(in: program.path("named/a")) == ["page.gif"])
      try FileManager.default.removeItem(atPath: program.path("gifs/a.gif"))
      try writeFile([1], to: program.path("gifs/b.gif"))
      let mended = try program.run(words + ["--animate", "gifs", "--resume"])
      #expect(mended.status == 0 && mended.output.contains("2 of 2 scans done"), "\(mended)")
      #expect(
        !mended.output.contains("before") && mended.messages.contains("gifs/a.gif is not there any more"))
      for name in ["a", "b"] {
        #expect(DecodedGIF(try fileBytes(program.path("gifs/\(name).gif")))?.frames.count == 29)
      }
      try makeImages(program, "scans", "c")
      let more = try program.run(words + ["--animate", "gifs", "--resume"])
      #expect(more.status == 0 && more.output.contains("2 of them before"), "\(more)")
      #expect(try fileNames(in: program.path("gifs")) == ["a.gif", "b.gif", "c.gif"])
      for (more, message) in [
        (["-o", "other", "--animate", "a.gif"], "a.gif is one GIF, and there are 3 inputs"),
        (["--animate", "other"], "there are 3 inputs, so --output is needed"),
        (["-o", "other", "--animate", "scans/a.nii.gz"], "is a file, and there are 3 inputs; name a folder"),
        (["-o", "pages", "--animate", "pages/."], "are the same"),
        (
          ["-o", "other", "--animate", "gifs"],
          "gifs: holds 3 of 3 results already, such as a.gif; name another target, or use --force"
        ),
      ] {
        let refused = try program.run(["report", "scans", "--patch", "8"] + more)
        #expect(
          refused.status == (message.contains("already") ? 1 : 64) && refused.messages.contains(message),
          "\(refused)")
      }
      #expect(!FileManager.default.fileExists(atPath: program.path("other")))
    }
  }

  @Test("each patch folder gets a page, with what was merged of it")
  func patchFolders() throws {
    try withProgram { program in
      try makeImages(program, "scans", "a", "b")
      #expect(try program("crop", "scans", "-o", "crops", "--patch", "8").status == 0)
      #expect(try program("merge", "crops", "-o", "merged").status == 0)
      let run = try program("report", "crops", "--merged", "merged", "-o", "pages", "--json")
      #expect(run.status == 0, "\(run)")
      struct Summary: Decodable {
        struct Row: Decodable {
          struct Findings: Decodable { var patches: Int, page: String }
          var findings: Findings
        }
        var rows: [Row]
      }
      let rows = try run.json(Summary.self).rows
      #expect(
        rows.map(\.findings.page) == ["a.html", "b.html"] && rows.allSatisfy { $0.findings.patches > 8 })
      // A damaged file of a patch is a warning of its folder, on its page and in the summary.
      let patch = try #require(
        try fileNames(in: program.path("crops/b")).first { $0.hasPrefix("patch_0003") })
      try writeFile([0], to: program.path("crops/b/\(patch)"))
      // Where an image that was cut is found, the page of all shows it.
      let image = try #require(try fileNames(in: program.path("scans")).first { $0.hasPrefix("a.") })
      try FileManager.default.copyItem(atPath: program.path("scans/\(image)"), toPath: program.path(image))
      let damaged = try program("report", "crops", "-o", "others")
      #expect(
        damaged.status == 0 && damaged.messages.contains("the file of patch 3 cannot be shown"), "\(damaged)")
      let summary = String(decoding: try fileBytes(program.path("others/summary.csv")), as: UTF8.self)
      let lines = summary.split(whereSeparator: \.isNewline)
      #expect(lines.filter { $0.contains("cannot be shown") }.map { $0.prefix(2) } == ["b,"], "\(summary)")
      #expect(FileManager.default.fileExists(atPath: program.path("others/.voxtile-thumbnails/a.png")))
    }
  }

  @Test("what means one image only is refused before a page is written")
  func refused() throws {
    try withProgram { program in
      try makeImages(program, "scans", "a", "index")
      try makeImages(program, "others", "x")
      try makeImages(program, "one", "x")
      #expect(try program("crop", "scans", "-o", "crops", "--patch", "8").status == 0)
      for (words, status, message) in [
        (["scans"], 64, "their pages need --patch"),
        (
          ["scans", "--patch", "8", "--overlay", "scans/a.nii.gz"], 64, "is one image, and there are 2 inputs"
        ),
        (["scans", "--patch", "8", "--overlay", "others"], 1, "has no file of any of these inputs"),
        (
          ["one", "--patch", "8", "--overlay", "one/x.nii.gz"], 64, "is one image, and there is 1 input; name"
        ),
        (["one/x.nii.gz", "--patch", "8", "--channel", "2"], 1, "the image has 1 channel"),
        (
          ["scans", "--patch", "8", "--overlay", "scans", "--label-table", "scans/a.nii.gz"], 1,
          "scans/a.nii.gz: line 1 is no text"
        ),
        (["scans", "--patch", "8", "--reports"], 64, "--reports writes pages beside other results"),
        (["scans", "--patch", "8"], 64, "would be index.html"),
        (["crops", "--against", "scans/a.nii.gz"], 64, "--against names the image of one patch folder"),
        (["scans/a.nii.gz", "--patch", "8", "--resume"], 64, "is for many scans"),
        (["scans/a.nii.gz", "--patch", "8", "--name", "x"], 64, "is for many scans"),
      ] {
        let run = try program.run(["report"] + words + ["-o", "pages"])
        #expect(run.status == Int32(status) && run.messages.contains(message), "\(run)")
        #expect(!FileManager.default.fileExists(atPath: program.path("pages")))
      }
      let named = try program("report", "scans", "--patch", "8", "--name", "{case}_page", "-o", "pages")
      #expect(named.status == 0, "\(named)")
      #expect(try fileNames(in: program.path("pages")).contains("index_page.html"))
    }
  }
}
