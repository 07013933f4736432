import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileStore
import VoxtileTestSupport

/// What is written where, and what is never written over.
@Suite("voxtile sample: files")
struct SampleFilesTests {
  @Test("a page of the set is written with it, or afterwards")
  func page() throws {
    try withProgram { program in
      try SampleCommandTests.makeScan("scan.nii.gz", in: program, labels: "labels.nii.gz")
      let options = [
        "sample", "scan.nii.gz", "--labels", "labels.nii.gz", "--patch", "16", "--count", "6", "--cover",
        "lesions",
      ]
      let run = try program.run(options + ["--output", "set", "--report", "set.html"])
      #expect(run.status == 0 && run.messages.contains("the page is set.html"), "\(run.messages)")
      let again = try program("report", "set", "--output", "again.html", "--against", "scan.nii.gz")
      #expect(again.status == 0, "\(again.messages)")
      for page in ["set.html", "again.html"] {
        let text = String(decoding: try fileBytes(program.path(page)), as: UTF8.self)
        #expect(text.contains("\"uncoveredCount\":0") && text.contains("\"componentCount\":4"))
      }
      try Volume<UInt8>(extent: Extent(width: 40, height: 36, depth: 30), repeating: 1).write(
        to: program.path("weights.nii"))
      try writeFile(
        Array("case,image,labels\na,scan.nii.gz,labels.nii.gz\n".utf8), to: program.path("t.csv"))
      #expect(try program("crop", "scan.nii.gz", "--patch", "16", "-o", "p").status == 0)
      try FileManager.default.createDirectory(
        atPath: program.path("copies"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: program.path("scan.nii.gz"), toPath: program.path("copies/scan.nii.gz"))
      let before = try ["scan.nii.gz", "weights.nii", "t.csv"].map { try fileBytes(program.path($0)) }
      for (wrong, words) in [
        (options + ["--dry-run", "--report", "a.html"], "--dry-run writes none"),
        (options + ["--output", "other", "--report", "labels.nii.gz", "--force"], "labels.nii.gz"),
        (options + ["--output", "other", "--report", "set.html"], "set.html"),
        (["report", "set", "--output", "b.html", "--patch", "16"], "--patch is for images"),
        (["report", "set", "--output", "scan.nii.gz", "--force"], "must not be written over"),
        (
          ["report", "set", "--output", "set/labels/scan_0000.nii.gz", "--force"], "must not be written over"
        ),
        (options + ["--output", "set", "--force", "--report", "set/page.html"], "written as a whole"),
        (
          ["crop", "scan.nii.gz", "--patch", "16", "-o", "p", "--force", "--report", "p/a.html"],
          "written as a whole"
        ),
        (
          ["report", "set", "--against", "copies", "-o", "copies/scan.nii.gz", "--force"],
          "must not be written over"
        ),
        (
          options + ["--output", "other", "--weight", "weights.nii", "--report", "weights.nii", "--force"],
          "must not be written over"
        ),
        (
          ["sample", "--cases", "t.csv", "--patch", "16", "-o", "other", "--report", "t.csv", "--force"],
          "must not be written over"
        ),
        (["report", "set", "--output", "set/voxtile-samples.json", "--force"], "voxtile-samples.json"),
      ] {
        let refused = try program.run(wrong)
        #expect(refused.status != 0 && refused.messages.contains(words), "\(wrong): \(refused.messages)")
      }
      #expect(try fileNames(in: program.folder).filter { $0.hasPrefix("other") || $0 == "b.html" } == [])
      #expect(try ["scan.nii.gz", "weights.nii", "t.csv"].map { try fileBytes(program.path($0)) } == before)
    }
  }

  @Test("a set is not replaced where it holds a file that is read")
  func inputsInside() throws {
    try withProgram { program in
      try SampleCommandTests.makeScan("scan.nii.gz", in: program, labels: "labels.nii.gz")
      let first = try program(
        "sample", "scan.nii.gz", "--labels", "labels.nii.gz", "--patch", "16", "--count", "3", "-o", "set")
      #expect(first.status == 0)
      let kept = "set/labels/scan_0001.nii.gz"
      try FileManager.default.copyItem(
        atPath: program.path("set/images/scan_0001_0000.nii.gz"), toPath: program.path("cut.nii.gz"))
      let again = try program(
        "sample", "cut.nii.gz", "--labels", kept, "--patch", "8", "--count", "2", "-o", "set", "--force")
      #expect(again.status == 1 && again.messages.contains("\(kept), which is read"), "\(again.messages)")
      #expect(FileManager.default.fileExists(atPath: program.path(kept)))
      try writeFile([1], to: program.path("set/dataset.json"))
      #expect(try program("verify", "set").messages.contains("not in the list: dataset.json"))
      let own = try program(
        "sample", "scan.nii.gz", "--labels", "labels.nii.gz", "--patch", "8", "--count", "2", "-o", "set",
        "--force")
      #expect(own.status == 1 && own.messages.contains("such as dataset.json"), "\(own.messages)")
    }
  }

  @Test("a set behind a link names its scans, and what cannot be covered or is of two kinds is said")
  func linksAndKinds() throws {
    try withProgram { program in
      try SampleCommandTests.makeScan("scan.nii.gz", in: program, labels: "labels.nii.gz")
      try FileManager.default.createDirectory(
        atPath: program.path("deep/er/est"), withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: program.path("link"), withDestinationPath: "deep/er/est")
      let run = try program(
        "sample", "scan.nii.gz", "--labels", "labels.nii.gz", "--patch", "16", "--count", "2", "-o",
        "link/set",
        "--cover", "lesions", "--lesion-classes", "7", "--report", "set.html")
      #expect(run.status == 0 && run.messages.contains("no scan has a lesion of label 7"), "\(run.messages)")
      let page = String(decoding: try fileBytes(program.path("set.html")), as: UTF8.self)
      #expect(page.contains("\"remarks\":[]"))

      for folder in ["both", "truth"] {
        try FileManager.default.createDirectory(
          atPath: program.path(folder), withIntermediateDirectories: true)
      }
      try program.makeImage("both/a.nii", Extent(width: 20, height: 20, depth: 1), as: UInt8.self, limit: 2)
      try program.makeImage("both/b.nii", Extent(width: 20, height: 20, depth: 20), as: UInt8.self, limit: 2)
      for name in ["a.nii", "b.nii"] {
        try FileManager.default.copyItem(
          atPath: program.path("both/\(name)"), toPath: program.path("truth/\(name)"))
      }
      let mixed = try program("sample", "both", "--labels", "truth", "--patch", "8", "-o", "mixed")
      #expect(
        mixed.status == 64 && mixed.messages.contains("8x8 for a and 8x8x8 for b"), "\(mixed.messages)")
    }
  }
}
