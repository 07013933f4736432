import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileStore
import VoxtileTestSupport

@Suite("voxtile sample")
struct SampleCommandTests {
  private struct Summary: Decodable {
    struct LabelCount: Decodable {
      let label: Int
      let scanVoxels: Int
      let patchVoxels: Int
    }
    let scans: Int
    let training: Int
    let validation: Int
    let patches: Int
    let reasons: [String: Int]
    let components: Int
    let wholeComponents: Int
    let labels: [LabelCount]
    let bytes: Int
  }

  /// Writes a scan with three lesions and an organ.
  static func makeScan(_ name: String, in program: Program, labels: String) throws {
    let extent = Extent(width: 40, height: 36, depth: 30)
    var map = Volume<UInt8>(extent: extent)
    for (x, label) in [(2, UInt8(2)), (20, 2), (33, 3)] {
      for position in Extent(3).positions {
        map[x: x + position.x, y: 8 + position.y, z: x / 2 + position.z] = label
      }
    }
    for position in Extent(12).positions {
      map[x: 10 + position.x, y: 20 + position.y, z: 9 + position.z] = 1
    }
    for path in [name, labels] {
      let folder = URL(filePath: program.path(path)).deletingLastPathComponent()
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    try map.write(to: program.path(labels))
    try Volume(extent: extent, voxels: (0..<extent.voxelCount).map { Int16($0 % 1000) }).write(
      to: program.path(name))
  }

  @Test("every lesion of a scan is in a patch; the summary says so, and verify agrees")
  func scan() throws {
    try withProgram { program in
      try Self.makeScan("scan.nii.gz", in: program, labels: "labels.nii.gz")
      let options = [
        "sample", "scan.nii.gz", "--labels", "labels.nii.gz", "--patch", "16", "--count", "12", "--seed", "1",
        "--cover",
        "lesions", "--lesion-classes", "2,3",
      ]
      let run = try program.run(options + ["--output", "set"])
      #expect(run.status == 0 && run.messages.isEmpty, "\(run.messages)")
      #expect(run.output.hasPrefix("12 patches of 16x16x16 of 1 scan in set\n"))
      #expect(run.output.contains("\nlesions  3 of 3 whole in a patch, all covered\n"))
      #expect(try fileNames(in: program.path("set")) == ["images", "labels", SampleManifest.fileName])
      #expect(try fileNames(in: program.path("set/labels")).count == 12)
      let verify = try program("verify", "set", "--against", "labels.nii.gz")
      #expect(
        verify.output == "12 patches, all as written, and with some files of 1 scan\n", "\(verify)")

      let again = try program.run(options + ["--output", "again", "--jobs", "1", "--json"])
      let summary = try again.json(Summary.self)
      #expect(summary.patches == 12 && summary.components == 3 && summary.wholeComponents == 3)
      #expect((summary.reasons["cover"] ?? 0) >= 1 && summary.labels.map(\.label) == [0, 1, 2, 3])
      for name in try fileNames(in: program.path("set/images")) {
        #expect(
          try fileBytes(program.path("set/images/\(name)")) == fileBytes(program.path("again/images/\(name)"))
        )
      }
      #expect(try program.run(options + ["--output", "set"]).status == 1)
      #expect(try program.run(options + ["--output", "set", "--force"]).status == 0)

      try FileManager.default.removeItem(atPath: program.path("set/labels/scan_0003.nii.gz"))
      let damaged = try program("verify", "set")
      #expect(
        damaged.status == 1 && damaged.output == "labels/scan_0003.nii.gz: missing: the file is missing\n")
    }
  }

  @Test("a dry run and a list write no patches")
  func planned() throws {
    try withProgram { program in
      try Self.makeScan("scan.nii", in: program, labels: "labels.nii")
      let options = ["sample", "scan.nii", "--labels", "labels.nii", "--patch", "16", "--count", "auto"]
      let dry = try program.run(options + ["--dry-run"])
      #expect(dry.status == 0 && dry.output.hasPrefix("18 patches of 16x16x16 of 1 scan\n"), "\(dry)")
      #expect(dry.output.contains("\ndisk     "))
      #expect(try fileNames(in: program.folder) == ["labels.nii", "scan.nii"])
      #expect(try program.run(options + ["--list-only", "-o", "list"]).status == 0)
      #expect(try fileNames(in: program.path("list")) == [SampleManifest.fileName])
      #expect(try program("verify", "list").output == "18 patches, in the list\n")
    }
  }

  @Test("scans of a folder and of a table, split as wholes and laid out for nnU-Net")
  func manyScans() throws {
    try withProgram { program in
      for number in 0..<5 {
        try Self.makeScan("scans/case\(number).nii.gz", in: program, labels: "truth/case\(number).nii.gz")
      }
      let run = try program(
        "sample", "scans", "--labels", "truth", "--patch", "12", "--count", "6", "--split", "80%", "--layout",
        "nnunet", "-o",
        "set", "--json")
      let summary = try run.json(Summary.self)
      #expect(summary.scans == 5 && summary.training == 4 && summary.validation == 1 && summary.patches == 30)
      #expect(
        try fileNames(in: program.path("set"))
          == ["dataset.json", "imagesTr", "labelsTr", "splits_final.json", SampleManifest.fileName])
      let table =
        "case,image,labels\na,scans/case0.nii.gz,truth/case0.nii.gz\nb,scans/case1.nii.gz,truth/case1.nii.gz\n"
      try writeFile(Array(table.utf8), to: program.path("list.csv"))
      let listed = try program(
        "sample", "--cases", "list.csv", "--patch", "12", "--count", "3", "-o", "listed")
      #expect(
        listed.status == 0 && listed.output.hasPrefix("6 patches of 12x12x12 of 2 scans in listed\n"),
        "\(listed)")
      #expect(try fileNames(in: program.path("listed/labels")).first == "a_0000.nii.gz")
      try FileManager.default.removeItem(atPath: program.path("truth/case3.nii.gz"))
      let missing = try program("sample", "scans", "--labels", "truth", "--patch", "12", "-o", "none")
      #expect(
        missing.status == 1 && missing.messages.contains("no labels for scan 'case3'"), "\(missing.messages)")
    }
  }

  @Test("a cover that needs more patches is refused with the number and the options, and with exit status 1")
  func coverNeedsMore() throws {
    try withProgram { program in
      try Self.makeScan("scan.nii", in: program, labels: "labels.nii")
      let run = try program(
        "sample", "scan.nii", "--labels", "labels.nii", "--patch", "8", "--count", "1", "--cover", "lesions",
        "-o", "set")
      #expect(run.status == 1 && run.output.isEmpty)
      let needed = try #require(
        run.messages.firstMatch(of: /(\d+) patches are needed to cover 4 components/)?.1)
      #expect(run.messages.hasPrefix("failed   scan: "))
      #expect(run.messages.contains("use --count \(needed) or --count auto"))
      let enough = try program(
        "sample", "scan.nii", "--labels", "labels.nii", "--patch", "8", "--count", String(needed), "--cover",
        "lesions", "-o",
        "set")
      #expect(
        enough.status == 0 && enough.output.contains("3 of 4 whole in a patch, 1 in several, all covered"),
        "\(enough)")
    }
  }

  @Test("labels that lie elsewhere, and options that contradict each other, are refused")
  func refused() throws {
    try withProgram { program in
      try Self.makeScan("scan.nii", in: program, labels: "labels.nii")
      try Volume<UInt8>(extent: Extent(40)).write(to: program.path("other.nii"))
      let other = try program("sample", "scan.nii", "--labels", "other.nii", "--patch", "8", "-o", "set")
      #expect(
        other.status == 1 && other.messages.contains("the label map is 40x40x40, but the scan is 40x36x30"))
      for (options, message) in [
        (["--margin", "3"], "--margin is for --cover lesions"),
        (["--min-tissue", "10%"], "--min-tissue needs --tissue"),
        (["--hard", "10%"], "--hard needs --weight"),
        (["--compat", "monai"], "--compat monai needs --count with a number"),
        (["--compat", "torchio", "--count", "3", "--cover", "lesions"], "--compat torchio knows no --cover"),
        (["--ratio", "1:2", "--balance", "voxels"], "--ratio is for --balance classes"),
        (["--negatives", "120%"], "--negatives 120%: a part is from 0% to 100%"),
        (["--edge", "shift"], "--edge shift: there is no such value; use pad, fail"),
        (["--cover", "all"], "--cover all: write lesions, or lesions:2"),
        (["--ratio", "1"], "--ratio 1: write each label once"),
        (["--layout", "msd", "--list-only"], "--list-only writes none"),
        (["--split", "0%"], "--split 0% leaves no scan for training"),
        (["--padding", "edge"], "--padding is for scans that are padded; add --edge pad"),
        (["--label-padding", "-1"], "--label-padding is for scans that are padded"),
        (["--tissue", "-500", "--min-tissue", "0%", "--split", "0%"], "--split 0% leaves"),
        (["--edge", "pad", "--label-padding", "3000000000"], "--label-padding 3000000000"),
        (["--tissue", "nan"], "--tissue nan is no value of an image"),
        (["--cover", "lesions", "--margin", "3000000000"], "use 0 to 2147483647"),
        (
          ["--compat", "monai", "--count", "3", "--max-overlap", "10%"],
          "--compat monai knows no --max-overlap"
        ),
      ] {
        let run = try program.run(
          ["sample", "scan.nii", "--labels", "labels.nii", "--patch", "8", "-o", "set"] + options)
        #expect(run.status == 64 && run.messages.contains(message), "\(run.messages)")
      }
      #expect(
        try program("sample", "scan.nii", "--patch", "8", "-o", "set").messages.contains(
          "--labels is missing"))
      #expect(try fileNames(in: program.folder) == ["labels.nii", "other.nii", "scan.nii"])
    }
  }

  @Test("other systems' probabilities, hard places and labels without foreground")
  func kinds() throws {
    try withProgram { program in
      try Self.makeScan("scan.nii", in: program, labels: "labels.nii")
      let options = [
        "sample", "scan.nii", "--labels", "labels.nii", "--patch", "16", "--count", "10", "--json",
      ]
      for compat in ["monai", "torchio", "nnunet"] {
        let run = try program.run(options + ["--compat", compat, "-o", compat])
        #expect(run.status == 0, "\(run.messages)")
        #expect(try run.json(Summary.self).patches == 10)
        try expectFits(
          readObject(program.path("\(compat)/\(SampleManifest.fileName)")), "voxtile-samples-1.schema.json")
        let verify = try program("verify", compat, "--against", ".")
        #expect(
          verify.output == "10 patches, all as written, and as chosen again from 1 of 1 scan\n", "\(verify)")
      }
      let hard = try program.run(options + ["--weight", "labels.nii", "--hard", "50%", "-o", "hard"])
      #expect(try hard.json(Summary.self).reasons["hard"] == 5, "\(hard)")
      try Volume<UInt8>(extent: Extent(width: 40, height: 36, depth: 30)).write(to: program.path("empty.nii"))
      let unweighted = try program.run(options + ["--weight", "empty.nii", "-o", "unweighted"])
      #expect(unweighted.messages.contains("empty.nii: all weights are 0, so no patch is drawn by them"))
      let tight = try program.run(options + ["--cover", "lesions", "--margin", "7", "-o", "tight"])
      #expect(
        tight.messages.contains("rules that patches do not keep, since none that does was found: margin"),
        "\(tight.messages)")
      let empty = try program(
        "sample", "scan.nii", "--labels", "empty.nii", "--patch", "16", "--count", "4", "-o", "e")
      #expect(empty.status == 0 && empty.output.contains("background only 4"), "\(empty)")
      #expect(empty.messages.contains("empty.nii: no voxel but background"))
    }
  }
}
