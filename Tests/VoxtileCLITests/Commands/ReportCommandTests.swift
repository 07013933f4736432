import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@Suite("voxtile report")
struct ReportCommandTests {
  private static let extent = Extent(width: 20, height: 18, depth: 16)

  /// What a page embeds.
  private func data(_ program: Program, _ name: String) throws -> [String: Any] {
    let page = String(decoding: try fileBytes(program.path(name)), as: UTF8.self)
    let start = try #require(page.range(of: "id=\"data\">"))
    let end = try #require(page.range(of: "</script>", range: start.upperBound..<page.endIndex))
    let json = Data(page[start.upperBound..<end.lowerBound].utf8)
    return try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
  }

  @Test(
    "the numbers of a page are those of plan --json",
    arguments: ["shift", "discard", "pad-both,partial,balance"])
  func numbers(edge: String) throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Self.extent)
      let grid = ["a.nii.gz", "--patch", "8x8x10", "--overlap", "2x4x50%", "--edge", edge]
      let plan = try program.run(["plan"] + grid + ["--json", "--report", "plan.html"])
      #expect(plan.status == 0, "\(plan.messages)")
      let report = try program.run(["report"] + grid + ["-o", "report.html"])
      #expect(report.status == 0 && report.output.isEmpty, "\(report.messages)")
      let numbers = try #require(
        try JSONSerialization.jsonObject(with: Data(plan.output.utf8)) as? NSDictionary)
      for page in ["plan.html", "report.html"] {
        let found = try data(program, page)
        #expect(found["summary"] as? NSDictionary == numbers, "\(page)")
        #expect((found["merge"] as? NSDictionary) == nil)
      }
      let origin = try data(program, "report.html")["origin"] as? [String: Any]
      let command = try #require(origin?["command"] as? String)
      #expect(
        command.hasPrefix("voxtile report a.nii.gz --patch 8x8x10") && command.hasSuffix("-o report.html"))
    }
  }

  @Test("crop and merge write pages of what they did, and the original is found beside the folder")
  func cropAndMerge() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Self.extent)
      let crop = try program(
        "crop", "a.nii.gz", "--patch", "8", "--overlap", "2", "-o", "p", "--report", "crop.html")
      #expect(crop.status == 0, "\(crop.messages)")
      let cropped = try data(program, "crop.html")
      let files = try #require((cropped["patches"] as? [String: Any])?["files"] as? [String])
      #expect(files.count == 27 && files.first == "patch_0000_x000_y000_z000.nii.gz")
      let merge = try program("merge", "p", "-o", "m.nii.gz", "--blend", "average", "--report", "merge.html")
      #expect(merge.status == 0, "\(merge.messages)")
      let merged = try #require(try data(program, "merge.html")["merge"] as? [String: Any])
      let difference = try #require(merged["difference"] as? [String: Any])
      #expect(difference["differing"] as? Int == 0 && difference["values"] as? Int == 5760)
      #expect(merged["blend"] as? String == "average" && merged["output"] as? String == "m.nii.gz")
      let report = try program("report", "p", "--merged", "m.nii.gz", "-o", "folder.html")
      #expect(report.status == 0, "\(report.messages)")
      #expect(try data(program, "folder.html")["merge"] is [String: Any])
    }
  }

  @Test("without the original, a merge is compared with nothing")
  func withoutOriginal() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Self.extent)
      #expect(try program("crop", "a.nii.gz", "--patch", "8", "-o", "p").status == 0)
      try FileManager.default.removeItem(atPath: program.path("a.nii.gz"))
      let merge = try program("merge", "p", "-o", "m.nii.gz", "--report", "merge.html")
      #expect(merge.status == 0, "\(merge.messages)")
      let data = try data(program, "merge.html")
      let merged = try #require(data["merge"] as? [String: Any])
      #expect(merged["difference"] == nil && merged["seams"] is [String: Any])
      #expect((data["layers"] as? [[String: Any]])?.map { $0["name"] as? String } == ["patches", "merged"])
    }
  }

  @Test("a missing patch is named with the original and without, and with none at all what can be done")
  func missingPatch() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Self.extent)
      #expect(try program("crop", "a.nii.gz", "--patch", "8", "-o", "p").status == 0)
      let patch = try #require(try fileNames(in: program.path("p")).first { $0.hasPrefix("patch_0003") })
      try FileManager.default.removeItem(atPath: program.path("p/" + patch))
      let warning = "Warning: the file of patch 3 cannot be shown: p/\(patch)"
      let shown = try program("report", "p", "-o", "image.html")
      #expect(shown.status == 0 && shown.messages.contains(warning), "\(shown.messages)")
      try FileManager.default.moveItem(atPath: program.path("a.nii.gz"), toPath: program.path("b.nii.gz"))
      let run = try program("report", "p", "-o", "patches.html")
      #expect(run.status == 0 && run.messages.contains(warning), "\(run.messages)")
      for name in try fileNames(in: program.path("p")) where name.hasPrefix("patch_") {
        try FileManager.default.removeItem(atPath: program.path("p/" + name))
      }
      let none = try program("report", "p", "-o", "none.html")
      #expect(none.status == 1 && none.messages.contains("patch_0000") && none.messages.contains("--against"))
      #expect(try program("report", "p", "--against", "b.nii.gz", "-o", "none.html").status == 0)
    }
  }

  @Test("what is missing or contradicts itself is wrong usage")
  func usage() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Self.extent)
      #expect(try program("crop", "a.nii.gz", "--patch", "8", "-o", "p").status == 0)
      let cases: [([String], String)] = [
        (["a.nii.gz", "-o", "a.html"], "needs --patch"),
        (["p", "--patch", "8", "-o", "a.html"], "--patch is for images"),
        (
          ["p", "--overlap", "7", "--edge", "discard", "-o", "a.html"], "--overlap and --edge are for images"
        ),
        (["p", "--padding", "wrap", "-o", "a.html"], "--padding is for images"),
        (["p", "--order", "x", "-o", "a.html"], "--order is for images"),
        (["a.nii.gz", "--patch", "8", "--jobs", "0", "-o", "a.html"], "--jobs 0 is out of range"),
        (["a.nii.gz", "--patch", "8", "--against", "a.nii.gz", "-o", "a.html"], "are for patch folders"),
        (["a.nii.gz", "--patch", "8", "--channel", "0", "-o", "a.html"], "channels count from 1"),
      ]
      for (arguments, message) in cases {
        let run = try program.run(["report"] + arguments)
        #expect(run.status == 64 && run.messages.contains(message), "\(run.messages)")
      }
      #expect(try !fileNames(in: program.folder).contains("a.html"))
    }
  }

  @Test(
    "--memory and --jobs change the numbers, and too little memory for a page is refused",
    arguments: ["report", "view"])
  func limits(command: String) throws {
    try withProgram { program in
      let help = try program(command, "--help").output.split(whereSeparator: \.isWhitespace).joined(
        separator: " ")
      #expect(help.contains("the crop and merge whose needs it shows"))
      try program.makeImage("a.nii", Self.extent)
      let image = ["a.nii", "--patch", "8", "-o"]
      #expect(try program.run(["report"] + image + ["a.html", "-j", "1"]).status == 0)
      #expect(
        try program.run(["report"] + image + ["b.html", "--jobs", "4", "--memory", "60MiB"]).status == 0)
      let refused = try program.run(["report"] + image + ["c.html", "--memory", "1MiB"])
      #expect(refused.status == 1 && refused.messages.contains("52 MiB are needed"), "\(refused.messages)")
      let jobs = try ["a.html", "b.html"].map { page in
        let memory = (try data(program, page)["summary"] as? [String: Any])?["cropMemory"] as? [String: Any]
        return memory?["jobs"] as? Int
      }
      // Each thread takes 8 MiB beside the program's 32: four do not fit.
      #expect(jobs[0] == 1 && (2...3).contains(jobs[1] ?? 0))
    }
  }

  @Test("of an overlay with too many channels the first are shown, and that is said")
  func manyChannels() throws {
    try withProgram { program in
      try Volume(extent: Self.extent, voxels: Self.extent.positions.map { UInt8($0.x) })
        .write(to: program.path("a.nii.gz"))
      let voxels = (0..<17 * Self.extent.voxelCount).map { UInt8($0 % 251) }
      try Volume(extent: Self.extent, channels: 17, voxels: voxels).write(to: program.path("p.nii.gz"))
      let words = ["report", "a.nii.gz", "--patch", "8", "--overlay", "p.nii.gz", "-o"]
      let run = try program.run(words + ["a.html"])
      #expect(
        run.status == 0
          && run.messages.contains(
            "p.nii.gz has 17 channels, of which the first 16 are shown; 'voxtile convert --channel'"),
        "\(run)")
      let chosen = try program.run(words + ["b.html", "--channel", "1"])
      #expect(chosen.status == 0 && !chosen.messages.contains("are shown"), "\(chosen)")
    }
  }

  @Test("an older page is replaced only with --force, and nothing is done before that is known")
  func force() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Self.extent)
      try writeFile([1], to: program.path("a.html"))
      let refused = try program("crop", "a.nii.gz", "--patch", "8", "-o", "p", "--report", "a.html")
      #expect(refused.status == 1 && refused.messages.contains("a.html: exists already"))
      #expect(try fileNames(in: program.folder) == ["a.html", "a.nii.gz"])
      #expect(
        try program("report", "a.nii.gz", "--patch", "8", "-o", "a.html", "--force").status == 0)
      #expect(try fileBytes(program.path("a.html")).count > 10_000)
    }
  }

  @Test("--animate writes a GIF, alone or with a page, and says how many patches it shows")
  func animation() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Self.extent)
      let input = ["report", "a.nii.gz", "--patch", "8"]
      let alone = try program.run(input + ["--animate", "a.gif"])
      try #require(alone.status == 0 || alone.messages.contains("giflib is needed"), "\(alone.messages)")
      guard alone.status == 0 else { return }
      #expect(alone.messages.contains("the animation is a.gif: 27 patches, 480x"), "\(alone.messages)")
      let both = try program.run(input + ["--overlay", "a.nii.gz", "--animate", "b.GIF", "-o", "b.html"])
      #expect(both.status == 0 && both.messages.contains("the page is b.html"), "\(both.messages)")
      #expect(try fileNames(in: program.folder) == ["a.gif", "a.nii.gz", "b.GIF", "b.html"])
      let again = try program.run(input + ["--animate", "a.gif", "-o", "c.html"])
      #expect(again.status == 1 && again.messages.contains("a.gif: exists already"), "\(again.messages)")
      for (words, message) in [
        ([], "name the page with --output, or a GIF with --animate"),
        (["--animate", "a.webp"], "a.webp does not end in .gif"),
        (["--animate", "a.gif", "-o", "a.gif"], "are the same"),
      ] {
        let run = try program.run(input + words)
        #expect(run.status == 64 && run.messages.contains(message), "\(run)")
      }
      #expect(try fileNames(in: program.folder).count == 4)
    }
  }
}
