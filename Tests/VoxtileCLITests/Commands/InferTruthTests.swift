import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileTestSupport

/// Whether the program finds ONNX Runtime.
private let canRun = (try? OnnxRuntime.open()) != nil

/// Results of `voxtile infer` beside true labels.
@Suite(
  "voxtile infer: true labels",
  .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
struct InferTruthTests {
  private static let extent = Extent(width: 10, height: 9, depth: 8)

  private func infer(_ program: Program, _ arguments: [String]) throws -> Program.Run {
    // Labels are 1 above the mean, with the scan's own voxels.
    let settings = ["--model", model("two_classes"), "--normalize", "zscore", "--spacing", "keep"]
    return try program.run(["infer"] + arguments + settings)
  }

  /// Three scans, and for two of them what is true: all that is predicted, and that with label 2 in the first slice.
  private func makeScans(_ program: Program) throws {
    for folder in ["scans", "truth"] {
      try FileManager.default.createDirectory(
        atPath: program.path(folder), withIntermediateDirectories: true)
    }
    for name in ["a", "b", "c"] { try program.makeImage("scans/\(name).nii", Self.extent) }
    #expect(try infer(program, ["scans/a.nii", "-o", "truth/a.nii"]).status == 0)
    var other = try ImageFormats.open(program.path("truth/a.nii")).read(as: UInt8.self)
    var voxels = Array(other.voxels)
    for index in 0..<Self.extent.width * Self.extent.height { voxels[index] = 2 }
    let metadata = other.metadata
    other = try Volume(extent: Self.extent, voxels: voxels, metadata: metadata)
    try other.write(to: program.path("truth/b.nii.gz"))
    try FileManager.default.removeItem(atPath: program.path("truth/a.nii.voxtile.json"))
  }

  /// The Dice of label 1 where slice 0 of the truth has none of it.
  private func wantedDice(_ program: Program) throws -> Double {
    let voxels = Array(try ImageFormats.open(program.path("truth/a.nii")).read(as: UInt8.self).voxels)
    let all = voxels.count { $0 == 1 }
    let first = voxels.prefix(Self.extent.width * Self.extent.height).count { $0 == 1 }
    return 2 * Double(all - first) / Double(all + all - first)
  }

  @Test("the summary and the page have the Dice of each label, one that was missed too")
  func many() throws {
    try withProgram { program in
      try makeScans(program)
      let run = try infer(program, ["scans", "-o", "out", "--truth", "truth"])
      #expect(run.status == 0, "\(run.messages)")
      #expect(run.messages.contains("truth has no labels of 1 scan: c"))
      #expect(run.messages.contains("truth    mean Dice of 2 scans: "), "\(run.messages)")
      let table = String(decoding: try fileBytes(program.path("out/summary.csv")), as: UTF8.self)
        .split(separator: "\r\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
      func column(_ title: String) throws -> [String] {
        let index = try #require(table[0].firstIndex { $0 == title }, "\(table[0])")
        return table.dropFirst().map { String($0[index]) }
      }
      let dice = try wantedDice(program)
      #expect(dice > 0.7 && dice < 0.99)
      #expect(try column("1 tumor core dice")[0] == "1" && column("1 tumor core dice")[2] == "")
      #expect(abs(try #require(Double(try column("1 tumor core dice")[1])) - dice) < 1e-5)
      #expect(try column("label 2 dice") == ["", "0", ""] && column("label 2 voxels") == ["0", "0", "0"])
      #expect(try column("mean dice")[0] == "1" && column("mean dice")[2] == "")
      #expect(abs(try #require(Double(try column("mean dice")[1])) - dice / 2) < 1e-5)
      let page = String(decoding: try fileBytes(program.path("out/index.html")), as: UTF8.self)
      #expect(page.contains("\"dice\":1"))
      // What is done is not done again for the sake of a comparison.
      #expect(try infer(program, ["scans", "-o", "two"]).status == 0)
      let again = try infer(program, ["scans", "-o", "two", "--truth", "truth", "--resume"])
      #expect(again.status == 0 && again.output.hasPrefix("3 of 3 scans done, 3 of them before"))
      #expect(again.messages.contains("3 scans done before without true labels; 'voxtile evaluate'"))
    }
  }

  @Test(
    "the labels of a table are what results are compared with; where labels are not predicted, they are passed over"
  )
  func table() throws {
    try withProgram { program in
      try makeScans(program)
      let lines =
        "case,image,labels\none,scans/a.nii,truth/a.nii\ntwo,scans/b.nii,truth/b.nii.gz\nthree,scans/c.nii,\n"
      try writeFile(Array(lines.utf8), to: program.path("list.csv"))
      let run = try infer(program, ["--cases", "list.csv", "-o", "out"])
      #expect(run.status == 0, "\(run.messages)")
      #expect(run.messages.contains("the true labels of 2 scans are those of the table"), "\(run.messages)")
      #expect(run.messages.contains("truth    mean Dice of 2 scans: "), "\(run.messages)")
      let other = try infer(program, ["--cases", "list.csv", "-o", "p", "--output-kind", "probabilities"])
      #expect(
        other.status == 0 && other.messages.contains("list.csv has columns that are passed over: labels"),
        "\(other.messages)")
      let masked = lines.replacing("labels", with: "mask")
      try writeFile(Array(masked.utf8), to: program.path("masked.csv"))
      let aligned = try infer(program, ["--cases", "masked.csv", "-o", "q", "--align", "2"])
      #expect(aligned.status == 64 && aligned.messages.contains("--align is for whole scans"), "\(aligned)")
    }
  }

  @Test("a single scan prints the Dice; labels elsewhere, and none at all, are named")
  func others() throws {
    try withProgram { program in
      try makeScans(program)
      let one = try infer(program, ["scans/b.nii", "-o", "b.nii", "--truth", "truth/b.nii.gz"])
      #expect(one.status == 0, "\(one.messages)")
      #expect(
        one.messages.contains(": 1 tumor core 0.") && one.messages.contains(", 2 0\n"), "\(one.messages)")
      try FileManager.default.removeItem(atPath: program.path("truth/a.nii"))
      try FileManager.default.createDirectory(atPath: program.path("none"), withIntermediateDirectories: true)
      try program.makeImage("truth/a.nii", Extent(width: 4, height: 4, depth: 4), as: UInt8.self, limit: 2)
      let run = try infer(program, ["scans", "-o", "out", "--truth", "truth"])
      #expect(run.status == 0, "\(run.messages)")
      #expect(run.messages.contains("a: not compared with the true labels: "))
      let other = try infer(program, ["scans/a.nii", "-o", "a.nii", "--truth", "truth/a.nii"])
      #expect(other.status == 0 && other.messages.contains("Warning: not compared with the true labels: "))
      try program.makeImage("none/x.nii", Self.extent)
      let none = try infer(program, ["scans", "-o", "three", "--truth", "none"])
      #expect(none.status == 1 && none.messages.contains("has no labels of any of these scans"))
      let wrong = try infer(
        program, ["scans", "-o", "four", "--truth", "truth", "--output-kind", "confidence"])
      #expect(wrong.status == 64 && wrong.messages.contains("--truth compares labels"))
    }
  }

  @Test("true labels, and a table of scans, are never written over, through links neither")
  func untouched() throws {
    try withProgram { program in
      try makeScans(program)
      let truth = try fileBytes(program.path("truth/a.nii"))
      try FileManager.default.createSymbolicLink(
        atPath: program.path("link.nii"), withDestinationPath: "truth/a.nii")
      for output in ["truth/a.nii", "link.nii"] {
        let run = try infer(program, ["scans/b.nii", "-o", output, "--truth", "truth/a.nii", "--force"])
        #expect(run.status == 1 && run.messages.contains("must not be written over"), "\(run.messages)")
      }
      for option in ["--force", "--resume"] {
        let run = try infer(program, ["scans", "-o", "truth", "--truth", "truth", option])
        #expect(
          run.status == 1 && run.messages.contains("truth/a.nii: is read by this run"), "\(run.messages)")
      }
      #expect(try fileBytes(program.path("truth/a.nii")) == truth)
      let missing = try infer(program, ["scans/a.nii", "-o", "a.nii", "--truth", "none.nii"])
      #expect(missing.status == 1 && missing.messages.contains("none.nii"), "\(missing.messages)")
      #expect(!FileManager.default.fileExists(atPath: program.path("a.nii")))

      let table = Array("case,image\nA,\(program.path("scans/a.nii"))\n".utf8)
      for folder in ["one", "two", "three"] {
        try FileManager.default.createDirectory(
          atPath: program.path(folder), withIntermediateDirectories: true)
      }
      try writeFile(table, to: program.path("one/summary.csv"))
      try writeFile(table, to: program.path("cases.csv"))
      try writeFile(table, to: program.path("three/summary.csv"))
      try FileManager.default.createSymbolicLink(
        atPath: program.path("two/summary.csv"), withDestinationPath: "../cases.csv")
      for (name, folder, words) in [
        ("one/summary.csv", "one", "must not be written over"),
        ("cases.csv", "two", "must not be written over"),
        ("cases.csv", "three", "would be replaced by the summary"),
      ] {
        let run = try infer(program, ["--cases", name, "-o", folder])
        #expect(run.status == 1 && run.messages.contains(words), "\(run.messages)")
        #expect(try fileBytes(program.path(name)) == table)
        #expect(try fileBytes(program.path("\(folder)/summary.csv")) == table)
      }
      #expect(try infer(program, ["--cases", "cases.csv", "-o", "three", "--force"]).status == 0)
    }
  }
}
