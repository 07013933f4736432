import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@Suite("voxtile crop, merge, convert, plan and verify, many files")
struct ManyFilesTests {
  /// Images of different sizes.
  private func makeImages(_ program: Program, _ names: [String]) throws {
    for (number, name) in names.enumerated() {
      let path = program.path(name)
      try FileManager.default.createDirectory(
        at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
      try program.makeImage(name, Extent(width: 9 + number, height: 10, depth: 7))
    }
  }

  /// The JSON of one of many patch folders.
  private struct Verified: Decodable {
    let folder: String
    let isVerified: Bool
    let patches: Int?
    let error: String?
  }

  @Test("a folder of scans is cut, verified and merged back, each scan to its own bits, also in folders")
  func thereAndBack() throws {
    try withProgram { program in
      try makeImages(program, ["s/a.nii.gz", "s/sub/a.nii", "s/sub/b.mha"])
      let cut = try program("crop", "s", "--recursive", "--patch", "4", "--name", "{case}_patches", "-o", "p")
      #expect(
        cut.status == 0
          && cut.output == "3 of 3 scans done; the results are in p, and index.html there shows them\n",
        "\(cut)")
      let verified = try program("verify", "p")
      #expect(
        verified.status == 0 && verified.output.hasSuffix("3 of 3 patch folders verified\n"), "\(verified)")
      let some = try program("verify", "p/sub/*")
      #expect(some.status == 0 && some.output.hasSuffix("2 of 2 patch folders verified\n"), "\(some)")
      #expect(try program("merge", "p/sub/*", "-o", "some").status == 0)
      #expect(try program.voxels("some/a_patches.nii") == program.voxels("s/sub/a.nii"))
      let merged = try program("merge", "p", "-o", "m", "--parallel", "2")
      #expect(merged.status == 0, "\(merged.messages)")
      for name in ["a_patches.nii.gz", "sub/a_patches.nii", "sub/b_patches.mha"] {
        #expect(
          try program.voxels("m/\(name)") == program.voxels("s/\(name.replacing("_patches", with: ""))"),
          "\(name)")
      }
      let summary = try program("summary", "m")
      #expect(
        summary.status == 0
          && summary.output == "3 of 3 scans done; the results are in m, and index.html there shows them\n",
        "\(summary)")
    }
  }

  @Test("each of many results has the bytes that a run over its file alone gives")
  func sameBytes() throws {
    try withProgram { program in
      try makeImages(program, ["s/a.nii", "s/b.nii"])
      #expect(try program("crop", "s", "--patch", "4", "-o", "p").status == 0)
      #expect(try program("crop", "s/b.nii", "--patch", "4", "-o", "alone").status == 0)
      for name in try fileNames(in: program.path("alone")) {
        #expect(
          try fileBytes(program.path("alone/\(name)")) == fileBytes(program.path("p/b/\(name)")), "\(name)")
      }
      #expect(try program("merge", "p", "-o", "m").status == 0)
      #expect(try program("merge", "alone", "-o", "alone.nii").status == 0)
      #expect(try fileBytes(program.path("alone.nii")) == fileBytes(program.path("m/b.nii")))
      let converted = try program("convert", "s", "c", "--format", "nrrd", "--type", "float32")
      #expect(converted.status == 0 && converted.output.hasPrefix("2 of 2 scans done"), "\(converted)")
      #expect(try program("convert", "s/b.nii", "alone.nrrd", "--type", "float32").status == 0)
      #expect(try fileBytes(program.path("alone.nrrd")) == fileBytes(program.path("c/b.nrrd")))
    }
  }

  @Test("a table with several images a scan is refused where one is taken, before any work")
  func severalImages() throws {
    try withProgram { program in
      try makeImages(program, ["s/a.nii", "s/b.nii"])
      try writeFile(Array("image,image2\na.nii,b.nii\n".utf8), to: program.path("s/list.csv"))
      let refused = try program("crop", "--cases", "s/list.csv", "--patch", "4", "-o", "out")
      #expect(refused.status == 1 && refused.messages.contains("scan 'a' has 2 images"), "\(refused)")
      #expect(try fileNames(in: program.folder) == ["s"])
    }
  }

  @Test("a run that goes on skips what is done and says what is not", arguments: ["crop", "convert"])
  func resumed(_ command: String) throws {
    try withProgram { program in
      try makeImages(program, ["s/a.nii", "s/b.nii"])
      let arguments =
        command == "crop" ? ["crop", "s", "--patch", "4", "-o", "out"] : ["convert", "s", "out"]
      let option = command == "crop" ? ["--overlap", "1"] : ["--type", "float32"]
      #expect(try program.run(arguments).status == 0)
      let refused = try program.run(arguments)
      #expect(refused.status == 1 && refused.messages.contains("--resume to go on"), "\(refused)")
      let again = try program.run(arguments + ["--resume"])
      #expect(again.status == 0 && again.output.hasPrefix("2 of 2 scans done, 2 of them before"), "\(again)")
      let changed = try program.run(arguments + ["--resume"] + option)
      #expect(changed.status == 0 && changed.output.hasPrefix("2 of 2 scans done;"), "\(changed)")
      #expect(changed.messages.contains("a is done again: \(option[0]) is \(option[1]) now"), "\(changed)")
      try FileManager.default.removeItem(atPath: program.path("s/b.nii"))
      try makeImages(program, ["s/b.nii"])
      let next = try program.run(arguments + ["--resume"] + option)
      #expect(
        next.messages.contains("b.nii has changed") && next.messages.contains("a: done before"), "\(next)")
      let forced = try program.run(arguments + ["--force"])
      #expect(forced.status == 0 && forced.output.hasPrefix("2 of 2 scans done;"), "\(forced)")
    }
  }

  @Test("a patch that was changed costs its folder only, in verify and in what is merged")
  func damagedPatch() throws {
    try withProgram { program in
      try makeImages(program, ["s/a.nii", "s/b.nii"])
      #expect(try program("crop", "s", "--patch", "4", "-o", "p").status == 0)
      let whole = try program("verify", "p", "--json")
      let reports = try whole.json([Verified].self)
      #expect(whole.status == 0 && reports.map(\.folder) == ["p/a", "p/b"], "\(whole)")
      #expect(reports.allSatisfy { $0.isVerified && $0.error == nil && ($0.patches ?? 0) > 1 })

      let name = try #require(try fileNames(in: program.path("p/b")).first { $0.hasSuffix(".nii") })
      try writeFile(
        Array(try fileBytes(program.path("p/b/\(name)")).dropLast()), to: program.path("p/b/\(name)"))
      let verified = try program("verify", "p", "--json")
      #expect(try verified.status == 1 && verified.json([Verified].self).map(\.isVerified) == [true, false])
      #expect(verified.messages.contains("wrong    b"))
      let merged = try program("merge", "p", "-o", "m")
      #expect(merged.status == 1 && merged.output.hasPrefix("1 of 2 scans done, 1 failed"), "\(merged)")
      #expect(try fileNames(in: program.path("m")).contains("a.nii"))

      try writeFile(Array("{".utf8), to: program.path("p/a/voxtile.json"))
      let unreadable = try program("verify", "p", "--json")
      let unread = try unreadable.json([Verified].self)
      #expect(
        unreadable.status == 1 && unread.first?.error?.contains("p/a/voxtile.json") == true, "\(unreadable)")
      let against = try program("verify", "p", "--against", "s/a.nii")
      #expect(against.status == 64 && against.messages.contains("there are 2"), "\(against)")
    }
  }

  @Test("a plan has a line for each scan and the sum; one that cannot be read is named, with exit status 1")
  func plan() throws {
    try withProgram { program in
      try makeImages(program, ["s/a.nii", "s/b.nii"])
      let run = try program("plan", "s", "--patch", "4")
      #expect(
        run.status == 0 && run.output.hasPrefix("a: 9x10x7 voxels, ")
          && run.output.contains("\nb: 10x10x7 voxels, "),
        "\(run)")
      #expect(run.output.contains("\n2 scans, ") && run.output.hasSuffix(" before compression\n"))
      try writeFile(Array("case,image\nx,s/b.nii\ny,s/a.nii\n".utf8), to: program.path("list.csv"))
      let table = try program("plan", "--cases", "list.csv", "--patch", "4")
      #expect(table.status == 0 && table.output.hasPrefix("x: 10x10x7 voxels, "), "\(table)")
      #expect(try program("plan", "s", "--cases", "list.csv", "--patch", "4").status == 64)
      #expect(try program("plan", "--patch", "4").status == 64)
      try writeFile([1, 2, 3], to: program.path("s/b.nii"))
      let damaged = try program("plan", "s", "--patch", "4", "--json")
      struct Planned: Decodable {
        let name: String
        let patches: Int?
        let error: String?
      }
      let planned = try damaged.json([Planned].self)
      #expect(damaged.status == 1 && damaged.messages.contains("failed   b: s/b.nii"), "\(damaged)")
      #expect(planned.map(\.name) == ["a", "b"] && planned[0].patches != nil && planned[1].error != nil)
    }
  }

  @Test("scans to which the patch does not fit fail alone, among images and volumes")
  func mixed() throws {
    try withProgram { program in
      try makeImages(program, ["s/a.nii"])
      try program.makeImage("s/b.png", Extent(width: 12, height: 12), as: UInt8.self, limit: 255)
      try program.makeImage("s/c.nii", Extent(3))
      for command in [
        ["crop", "s", "--patch", "4x4x4", "--edge", "shift", "-o", "p"], ["plan", "s", "--patch", "4x4x4"],
      ] {
        let run = try program.run(command)
        #expect(run.status == 1 && run.messages.contains("failed   b: --patch 4x4x4 has a depth"), "\(run)")
        #expect(run.messages.contains("failed   c: "), "\(run)")
      }
      #expect(try fileNames(in: program.path("p")).contains("a"))
    }
  }

  @Test("patch folders that would lie inside one another are refused, with what to do")
  func nested() throws {
    try withProgram { program in
      try makeImages(program, ["s/a.nii", "s/a/b.nii"])
      let run = try program("crop", "s", "--recursive", "--patch", "4", "-o", "p")
      #expect(run.status == 1 && run.messages.contains("p/a: would be the result of 'a'"), "\(run)")
      #expect(!FileManager.default.fileExists(atPath: program.path("p")))
      let named = try program("crop", "s", "--recursive", "--patch", "4", "--name", "{case}_p", "-o", "p")
      #expect(named.status == 0, "\(named)")
    }
  }

  @Test("results in the folder of the scans are not taken for scans, and no scan is replaced")
  func inPlace() throws {
    try withProgram { program in
      try makeImages(program, ["s/a.nii", "s/b.nii"])
      let before = try fileBytes(program.path("s/a.nii"))
      for option in [nil, "--force", "--resume"] {
        let run = try program.run(["convert", "s", "s"] + [option].compactMap(\.self))
        #expect(run.status == 1 && run.messages.contains("s/a.nii: is read by this run"), "\(run)")
      }
      #expect(try fileBytes(program.path("s/a.nii")) == before && fileNames(in: program.path("s")).count == 2)
      for (option, words) in [
        (nil, "2 of 2 scans done;"), ("--resume", "2 of 2 scans done, 2 of them before"),
      ] {
        let run = try program.run(
          ["convert", "s", "s", "--name", "{case}_new"] + [option].compactMap(\.self))
        #expect(run.status == 0 && run.output.hasPrefix(words), "\(run)")
        #expect(
          run.messages.contains("2 images passed over, since they are results") == (option != nil), "\(run)")
      }
    }
  }

  @Test("a folder without a journal has no summary, and options of many files are refused for one")
  func misuse() throws {
    try withProgram { program in
      try makeImages(program, ["s/a.nii"])
      let none = try program("summary", "s")
      #expect(none.status == 1 && none.messages.contains("s: holds no journal"), "\(none)")
      let resume = try program("crop", "s/a.nii", "--patch", "4", "-o", "p", "--resume")
      #expect(resume.status == 64 && resume.messages.contains("--resume is for many scans"), "\(resume)")
      let commands = [
        ["crop", "s/a.nii", "--patch", "4", "-o", "p"], ["convert", "s/a.nii", "b.nii"],
        ["resample", "s/a.nii", "b.nii", "--spacing", "2"],
        ["report", "s/a.nii", "--patch", "4", "-o", "p.html"],
        ["infer", "s/a.nii", "--model", "none.onnx", "-o", "b.nii"],
      ]
      for (command, option) in commands.flatMap({ command in
        [["--name", "x"], ["--recursive"]].map { (command, $0) }
      }) {
        let run = try program.run(command + option)
        #expect(
          run.status == 64 && run.messages.contains("\(option[0]) is for many scans"), "\(command): \(run)")
      }
      for command in [["crop", "s", "--patch", "4", "-o", "p"], ["convert", "s", "p"]] {
        let both = try program.run(command + ["--resume", "--force"])
        #expect(both.status == 64 && both.messages.contains("leave one out"), "\(both)")
      }
      for command in [["crop", "s", "--patch", "4", "-o", "p.nii.gz"], ["convert", "s", "p.zarr"]] {
        let run = try program.run(command)
        #expect(run.status == 64 && run.messages.contains("is called like one image"), "\(run)")
      }
      let page = try program("crop", "s", "--patch", "4", "-o", "p", "--report", "r.html")
      #expect(page.status == 64 && page.messages.contains("--reports writes a page for each"), "\(page)")
      #expect(try fileNames(in: program.folder) == ["s"])
    }
  }
}
