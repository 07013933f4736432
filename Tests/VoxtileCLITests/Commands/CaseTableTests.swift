import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

/// Tables of scans (`--cases`) for the commands that make one result of one input.
@Suite("voxtile: tables of scans")
struct CaseTableTests {
  /// Two images, and a table that names them and one that is not there.
  private func makeTable(_ program: Program, more: String = "") throws {
    try FileManager.default.createDirectory(atPath: program.path("s"), withIntermediateDirectories: true)
    for (number, name) in ["a", "b"].enumerated() {
      try program.makeImage("s/\(name).nii.gz", Extent(width: 9 + number, height: 10, depth: 7))
    }
    try write("case,image\nx,s/a.nii.gz\nsub/y,s/b.nii.gz\n\(more)", to: "list.csv", program)
  }

  private func write(_ text: String, to name: String, _ program: Program) throws {
    try writeFile(Array(text.utf8), to: program.path(name))
  }

  @Test(
    "convert takes a table: results have its names, one that fails does not stop the others, a run goes on")
  func convert() throws {
    try withProgram { program in
      try makeTable(program, more: "z,s/none.nii.gz\n")
      let words = ["convert", "--cases", "list.csv", "c", "--format", "nrrd"]
      let run = try program.run(words)
      #expect(run.status == 1 && run.output.hasPrefix("2 of 3 scans done, 1 failed"), "\(run)")
      #expect(run.messages.contains("failed   z: ") && !run.messages.contains("0 patches"), "\(run)")
      #expect(try program.voxels("c/sub/y.nrrd") == program.voxels("s/b.nii.gz"))
      #expect(try program("convert", "s/a.nii.gz", "alone.nrrd").status == 0)
      #expect(try fileBytes(program.path("c/x.nrrd")) == fileBytes(program.path("alone.nrrd")))
      try program.makeImage("s/none.nii.gz", Extent(6))
      let next = try program.run(words + ["--resume"])
      #expect(next.status == 0 && next.output.hasPrefix("3 of 3 scans done, 2 of them before"), "\(next)")
      #expect(try program.run(words).messages.contains("3 of 3 results already"))
      #expect(try program.run(words + ["--force", "--part", "1/2"]).status == 0)
    }
  }

  @Test("what is missing or too much for convert is said")
  func convertUsage() throws {
    try withProgram { program in
      try makeTable(program)
      for (words, message) in [
        ([], "name the image and the file to write, or a table with --cases"),
        (["s/a.nii.gz"], "name the file to write after s/a.nii.gz"),
        (["--cases", "list.csv"], "name the folder for the images of the table"),
        (["s", "c", "--cases", "list.csv"], "--cases names the images; leave out s"),
        (
          ["s/a.nii.gz", "c.nii", "--format", "npy"],
          "--format npy is for many images; of one, the ending of c.nii"
        ),
        (["s", "c", "--reports"], "--reports shows patches, and convert makes none"),
      ] {
        let run = try program.run(["convert"] + words)
        #expect(run.status == 64 && run.messages.contains(message), "\(run)")
      }
      #expect(try Set(fileNames(in: program.folder)) == ["s", "list.csv"])
    }
  }

  @Test("merge and verify take a table of patch folders; what is wrong with one costs that one only")
  func patchFolders() throws {
    try withProgram { program in
      try makeTable(program)
      #expect(try program("crop", "--cases", "list.csv", "--patch", "4", "-o", "p").status == 0)
      try write("case,image\nfirst,p/x\nsecond,p/sub/y\nthird,p/none\n", to: "cut.csv", program)
      let words = ["merge", "--cases", "cut.csv", "-o", "m", "--name", "{case}_new"]
      let merged = try program.run(words)
      #expect(merged.status == 1 && merged.output.hasPrefix("2 of 3 scans done, 1 failed"), "\(merged)")
      #expect(merged.messages.contains("failed   third: p/none"), "\(merged)")
      #expect(try program.voxels("m/second_new.nii.gz") == program.voxels("s/b.nii.gz"))
      let again = try program.run(words + ["--resume"])
      #expect(again.status == 1 && again.output.contains("2 of them before"), "\(again)")
      let plan = try program("merge", "--cases", "cut.csv", "-o", "n", "--dry-run")
      #expect(plan.output.contains("first: to do"), "\(plan)")

      let verified = try program("verify", "--cases", "cut.csv")
      #expect(verified.status == 1 && verified.output.hasSuffix("2 of 3 cases verified\n"), "\(verified)")
      #expect(verified.messages.contains("third: p/none: does not exist"), "\(verified)")
      let pages = try program("report", "--cases", "cut.csv", "-o", "pages")
      #expect(pages.status == 1 && pages.output.hasPrefix("2 of 3 scans done, 1 failed"), "\(pages)")

      // A manifest that is damaged costs its folder only, wherever the folders come from.
      try writeFile(Array("{".utf8), to: program.path("p/x/voxtile.json"))
      let damaged = try program("merge", "p", "-o", "d")
      #expect(damaged.status == 1 && damaged.output.hasPrefix("1 of 2 scans done, 1 failed"), "\(damaged)")
    }
  }

  @Test("verify takes a table of anything that it checks, with one JSON for all")
  func verifyAnything() throws {
    try withProgram { program in
      try makeTable(program)
      #expect(try program("crop", "s/a.nii.gz", "--patch", "4", "-o", "p").status == 0)
      try write("case,image\ncut,p\nscan,s/a.nii.gz\n", to: "all.csv", program)
      struct Verdict: Decodable {
        let folder: String
        let isVerified: Bool
        let error: String?
      }
      let run = try program("verify", "--cases", "all.csv", "--json")
      let verdicts = try run.json([Verdict].self)
      #expect(run.status == 1 && verdicts.map(\.isVerified) == [true, false], "\(run)")
      #expect(verdicts[1].error?.contains("is no folder of patches, and no record beside it") == true)
      try write("case,image\nseveral,.\n", to: "several.csv", program)
      let several = try program("verify", "--cases", "several.csv")
      #expect(
        several.status == 1 && several.messages.contains("holds several patch folders; give each"),
        "\(several)")
    }
  }

  @Test("a table that suits the command not at all is refused before work")
  func refused() throws {
    try withProgram { program in
      try makeTable(program)
      try write("case,image,image2\na,s/a.nii.gz,s/b.nii.gz\n", to: "two.csv", program)
      for (words, status, message) in [
        (["merge", "-o", "m"], 64, "there is no input"),
        (["verify"], 64, "there is no input"),
        (["merge", "s", "--cases", "list.csv", "-o", "m"], 64, "--cases names the scans; leave out s"),
        (["merge", "--cases", "list.csv", "-o", "m", "--manifest", "x"], 64, "each folder has its own"),
        (["verify", "--cases", "list.csv", "--manifest", "x"], 64, "each folder has its own"),
        (
          ["merge", "--cases", "list.csv", "-o", "m"], 1,
          "list.csv: names no patch folder in its column image"
        ),
        (
          ["verify", "--cases", "list.csv", "--against", "s/a.nii.gz"], 64, "--against names the image of one"
        ),
        (["verify", "--cases", "two.csv"], 64, "case 'a' has 2 images, and verify takes one"),
        (["convert", "--cases", "two.csv", "c"], 1, "scan 'a' has 2 images"),
        (["merge", "s/a", "s/b", "-o", "m"], 64, "there are 2 inputs; name one, the folder that holds them"),
      ] {
        let run = try program.run(words)
        #expect(run.status == Int32(status) && run.messages.contains(message), "\(run)")
      }
      #expect(try Set(fileNames(in: program.folder)) == ["s", "list.csv", "two.csv"])
    }
  }

  @Test(
    "a dry run says what would be done with each, and writes nothing",
    arguments: ["convert", "crop", "report"])
  func dryRun(command: String) throws {
    try withProgram { program in
      try makeTable(program)
      let words = [command] + (command == "convert" ? [] : ["--patch", "4", "-o"]) + ["out"]
      let plan = try program.run(words + ["--cases", "list.csv", "--dry-run"])
      #expect(
        plan.status == 0
          && plan.output
            == "x: to do, since it was not done before\nsub/y: to do, since it was not done before\n",
        "\(plan)")
      #expect(try Set(fileNames(in: program.folder)) == ["s", "list.csv"])
      let one = try program.run(
        command == "convert"
          ? ["convert", "s/a.nii.gz", "b.nii", "--dry-run"] : words + ["s/a.nii.gz", "--dry-run"])
      #expect(one.status == 64 && one.messages.contains("--dry-run is for many scans"), "\(one)")
    }
  }

  @Test(
    "what was lost of a scan stands in the summary; it is printed with the first one, and once for all others"
  )
  func warnings() throws {
    try withProgram { program in
      try makeTable(program, more: "z,c.nii\n")
      try program.makeImage("c.nii", Extent(5))
      let run = try program("convert", "--cases", "list.csv", "c", "--format", "npy", "--json")
      struct Summary: Decodable {
        struct Row: Decodable {
          struct Findings: Decodable { let warnings: [String] }
          let findings: Findings
        }
        let rows: [Row]
      }
      let rows = try run.json(Summary.self).rows
      #expect(
        rows.count == 3 && rows.allSatisfy { $0.findings.warnings.contains { $0.contains("position") } },
        "\(run)")
      let said = run.messages.split(separator: "\n").filter { $0.hasPrefix("Warning: ") }
      #expect(
        said.count == 2 && said[0].hasPrefix("Warning: x: ")
          && said[1].hasPrefix("Warning: 2 other scans, such as sub/y: "), "\(said)")
    }
  }

  @Test("columns that a command has no use for are named; report shows the labels")
  func columns() throws {
    try withProgram { program in
      try makeTable(program)
      try program.makeImage("l.nii.gz", Extent(width: 9, height: 10, depth: 7), as: UInt8.self, limit: 3)
      try write(
        "case,image,labels,mask,site\nx,s/a.nii.gz,l.nii.gz,l.nii.gz,1\ny,s/b.nii.gz,,,2\n", to: "all.csv",
        program)
      for words in [
        ["plan", "--patch", "4"], ["crop", "--patch", "4", "-o", "p"], ["convert", "c"],
        ["resample", "r", "--size", "4"],
        ["plan", "--fit", "--patch", "7", "--keep", "patch"],
      ] {
        let run = try program.run([words[0], "--cases", "all.csv"] + words.dropFirst())
        let said = run.messages.contains("all.csv has columns that are passed over: site, labels, mask\n")
        #expect(run.status == 0 && said, "\(run)")
      }
      let run = try program("report", "--cases", "all.csv", "--patch", "4", "-o", "pages")
      #expect(run.status == 0 && run.messages.contains("passed over: site, mask\n"), "\(run)")
      func overlays(_ name: String) throws -> Int {
        String(decoding: try fileBytes(program.path("pages/\(name).html")), as: UTF8.self)
          .matches(of: /"name":"[^"]*","role":"overlay"/).count
      }
      #expect(try overlays("x") == 1 && overlays("y") == 0)
      // Other labels are another page.
      try FileManager.default.removeItem(atPath: program.path("l.nii.gz"))
      try program.makeImage("l.nii.gz", Extent(width: 9, height: 10, depth: 7), as: UInt8.self, limit: 2)
      let again = try program("report", "--cases", "all.csv", "--patch", "4", "-o", "pages", "--resume")
      #expect(again.status == 0 && again.output.contains("1 of them before"), "\(again)")
      // What no scan has is not said.
      try write("case,image,labels\nx,s/a.nii.gz,\n", to: "none.csv", program)
      #expect(try !program("plan", "--cases", "none.csv", "--patch", "4").messages.contains("passed over"))
    }
  }
}
