import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@Suite("voxtile resample, many images")
struct ResampleManyTests {
  /// A folder with two images, one in a folder inside it, and one that is cut off; and a table of the three.
  private func makeImages(_ program: Program) throws {
    try FileManager.default.createDirectory(
      atPath: program.path("s/sub"), withIntermediateDirectories: true)
    try program.makeImage("s/a.nii", Extent(width: 9, height: 10, depth: 8))
    try program.makeImage("s/sub/b.nii.gz", Extent(width: 12, height: 10, depth: 8))
    try writeFile(Array(fileBytes(program.path("s/a.nii")).prefix(400)), to: program.path("s/cut.nii"))
    try write("case,image\none,s/a.nii\ntwo,s/sub/b.nii.gz\ncut,s/cut.nii\n", to: "list.csv", program)
  }

  private func write(_ text: String, to name: String, _ program: Program) throws {
    try writeFile(Array(text.utf8), to: program.path(name))
  }

  /// The bytes of what one image becomes by itself.
  private func alone(_ program: Program, _ image: String, _ options: String...) throws -> [UInt8] {
    let run = try program.run(["resample", image, "alone.nii", "--force"] + options)
    #expect(run.status == 0, "\(run)")
    return try fileBytes(program.path("alone.nii"))
  }

  @Test(
    "a folder: each image becomes what it becomes alone, and one that is damaged does not stop the others")
  func folder() throws {
    try withProgram { program in
      try makeImages(program)
      let words = ["resample", "s", "out", "--spacing", "2", "--recursive", "--format", "nii"]
      let run = try program.run(words)
      #expect(run.status == 1 && run.output.hasPrefix("2 of 3 scans done, 1 failed"), "\(run)")
      #expect(
        run.messages.contains("failed   cut: should have") && !run.messages.contains("0 patches"), "\(run)")
      #expect(try fileBytes(program.path("out/a.nii")) == alone(program, "s/a.nii", "--spacing", "2"))
      #expect(
        try fileBytes(program.path("out/sub/b.nii")) == alone(program, "s/sub/b.nii.gz", "--spacing", "2"))
      #expect(try !fileNames(in: program.path("out")).contains("cut.nii"))
      #expect(try program.run(words).messages.contains("2 of 3 results already"))
      let first = try program.run(words + ["--force", "--fail-fast"])
      #expect(first.status == 1 && first.messages.contains("Error: s/cut.nii: should have"), "\(first)")
      let pattern = try program("resample", "s/**/[ab].*", "p", "--size", "4", "--parallel", "2")
      #expect(pattern.status == 0 && pattern.output.hasPrefix("2 of 2 scans done"), "\(pattern)")
      #expect(try program.info("p/sub/b.nii.gz").extent == Extent(4))
    }
  }

  @Test("a table: what was made with the same settings stays, and what was made with others is made again")
  func resume() throws {
    try withProgram { program in
      try makeImages(program)
      let words = ["resample", "--cases", "list.csv", "out", "--name", "{case}_new"]
      #expect(try program.run(words + ["--spacing", "2"]).status == 1)
      let before = try fileBytes(program.path("out/one_new.nii"))
      let same = try program.run(words + ["--spacing", "2", "--resume", "--jobs", "1"])
      #expect(same.status == 1 && same.output.contains("2 of them before, 1 failed"), "\(same)")
      try FileManager.default.removeItem(atPath: program.path("s/cut.nii"))
      try program.makeImage("s/cut.nii", Extent(8))
      let mended = try program.run(words + ["--spacing", "2", "--resume"])
      #expect(
        mended.status == 0 && mended.output.hasPrefix("3 of 3 scans done, 2 of them before"), "\(mended)")
      let plan = try program.run(words + ["--spacing", "3", "--resume", "--dry-run"])
      #expect(plan.output.hasPrefix("one: to do, since --spacing was 2 and is 3 now\n"), "\(plan)")
      #expect(try fileBytes(program.path("out/one_new.nii")) == before)
      let other = try program.run(words + ["--spacing", "3", "--resume"])
      #expect(other.status == 0 && !other.output.contains("before"), "\(other)")
      #expect(try fileBytes(program.path("out/one_new.nii")) == alone(program, "s/a.nii", "--spacing", "3"))
      let parts = try (1...2).map {
        try program.run(words + ["--size", "4", "--force", "--part", "\($0)/2"])
      }
      #expect(parts.allSatisfy { $0.status == 0 }, "\(parts)")
      #expect(try program.info("out/two_new.nii.gz").extent == Extent(4))
    }
  }

  @Test("one reference is for all: its content decides, not its name, and no result takes its place")
  func like() throws {
    try withProgram { program in
      try makeImages(program)
      try program.makeImage("ref.nii", Extent(width: 5, height: 6, depth: 7))
      try write("case,image\none,s/a.nii\nref,s/sub/b.nii.gz\n", to: "list.csv", program)
      let words = ["resample", "--cases", "list.csv", "--like"]
      #expect(try program.run(words + ["ref.nii", "out"]).status == 0)
      #expect(try program.info("out/ref.nii.gz").extent == Extent(width: 5, height: 6, depth: 7))
      let same = try program.run(words + ["./ref.nii", "out", "--resume"])
      #expect(same.status == 0 && same.output.contains("2 of them before"), "\(same)")
      try FileManager.default.removeItem(atPath: program.path("ref.nii"))
      let none = try program.run(words + ["ref.nii", "out", "--resume"])
      #expect(none.status == 1 && none.messages.hasPrefix("Error: ref.nii: cannot be opened"), "\(none)")
      try program.makeImage("ref.nii", Extent(5))
      let changed = try program.run(words + ["ref.nii", "out", "--resume"])
      #expect(
        changed.status == 0 && changed.messages.contains("one is done again: --like ref.nii has changed"),
        "\(changed)")
      #expect(try program.info("out/one.nii").extent == Extent(5))
      let size = try program.run(["resample", "--cases", "list.csv", "out", "--size", "5", "--resume"])
      #expect(size.messages.contains("one is done again: --size is 5 now"), "\(size)")
      let over = try program.run(words + ["ref.nii", ".", "--format", "nii", "--force"])
      #expect(over.status == 1 && over.messages.contains("ref.nii: is read by this run"), "\(over)")
      #expect(try program.info("ref.nii").extent == Extent(5))
    }
  }

  @Test("what is said of many images is printed once; one that is taken for labels is named in the summary")
  func remarks() throws {
    try withProgram { program in
      try FileManager.default.createDirectory(atPath: program.path("s"), withIntermediateDirectories: true)
      for name in ["a", "b", "c"] {
        let labels = (0..<512).map { UInt8($0 % 8 / 4 * 3) }
        var volume = try Volume(extent: Extent(8), voxels: labels)
        volume.metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(x: 1, y: 1, z: 5)))
        try volume.write(to: program.path("s/\(name).nii"))
      }
      let run = try program("resample", "s", "out", "--spacing", "2", "--json")
      let said = run.messages.split(separator: "\n").filter { !$0.contains("done in") }
      #expect(said.count == 4, "\(said)")
      #expect(said[0].hasPrefix("Warning: a: looks like a label map, so no new values are made"), "\(said)")
      #expect(said[1].hasPrefix("a: along z, where voxels are more than 3 times as large"), "\(said)")
      #expect(said[2].hasPrefix("Warning: 2 other scans, such as b: looks like a label map"), "\(said)")
      #expect(said[3].hasPrefix("2 other scans, such as b: along z"), "\(said)")
      struct Summary: Decodable {
        struct Row: Decodable {
          struct Findings: Decodable { let warnings: [String] }
          let findings: Findings
        }
        let rows: [Row]
      }
      let rows = try run.json(Summary.self).rows
      #expect(rows.count == 3 && rows.allSatisfy { $0.findings.warnings.count == 1 }, "\(run)")
      let told = try program("resample", "s", "told", "--spacing", "2", "--as-labels")
      #expect(told.status == 0 && !told.messages.contains("looks like"), "\(told)")
    }
  }

  @Test("one image is described as JSON; what is missing or too much is said before anything is written")
  func usage() throws {
    try withProgram { program in
      try makeImages(program)
      struct Record: Decodable {
        let output, scalarType: String
        let extent: [Int]
        let spacing: [Double]
      }
      let record = try program("resample", "s/a.nii", "a.nii", "--size", "3x5x4", "--json").json(Record.self)
      #expect(record.output == "a.nii" && record.extent == [3, 5, 4] && record.spacing == [6, 3, 5])
      #expect(record.scalarType == "int16")
      for (words, message) in [
        ([], "name the image and the file to write, or a table with --cases"),
        (["s/a.nii"], "name the file to write after s/a.nii"),
        (["--cases", "list.csv"], "name the folder for the images of the table"),
        (["s", "c", "--cases", "list.csv"], "--cases names the images; leave out s"),
        (["s", "c", "--reports"], "--reports shows patches, and resample makes none"),
        (["s", "c", "--resume", "--force"], "--resume keeps what is finished, and --force makes it again"),
        (["s/a.nii", "c.nii", "--resume"], "--resume is for many scans"),
        (["s/a.nii", "c.nii", "--dry-run"], "--dry-run is for many scans"),
        (["s", "c.nii"], "the output is a folder, and c.nii is called like one image"),
      ] {
        let run = try program.run(["resample", "--spacing", "2"] + words)
        #expect(run.status == 64 && run.messages.contains(message), "\(words): \(run)")
      }
      #expect(try Set(fileNames(in: program.folder)) == ["s", "list.csv", "a.nii"])
    }
  }
}
