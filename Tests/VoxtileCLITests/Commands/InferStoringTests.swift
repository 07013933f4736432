import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileTestSupport

/// Whether the program finds ONNX Runtime.
private let canRun = (try? OnnxRuntime.open()) != nil

/// One scan shared out: `voxtile infer --output-kind predictions --part`, and `voxtile merge --part`.
@Suite(
  "voxtile infer: predictions that are kept",
  .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
struct InferStoringTests {
  @Test("parts in any order make the files of one run, in every format and kind; their records say the same")
  func parts() throws {
    try withProgram { program in
      try program.makeStoredScan()
      let second = try program.store("2/3")
      #expect(second.kept == second.predicted && !second.isComplete)
      let early = try program("merge", "p.zarr", "-o", "early.nii.gz")
      #expect(early.status == 1 && early.messages.contains("not predicted yet: "))
      #expect(try program("verify", "p.zarr").status == 1)
      _ = try program.store("1/3")
      // What was kept is not predicted again, and another division goes on with it.
      let again = try program.store("1/2")
      #expect(again.before > 0 && again.predicted + again.before <= again.patches)
      let last = try program.store("3/3")
      #expect(last.isComplete && last.kept == last.patches)
      #expect(try program.store("1/1").predicted == 0)
      #expect(try program("verify", "p.zarr").output.contains("all there and undamaged"))
      for (kind, file) in [("labels", "nii.gz"), ("logits", "nii.gz"), ("confidence", "nrrd")] {
        #expect(try program.inferStored("--output-kind", kind, "-o", "whole.\(kind).\(file)").status == 0)
        let run = try program("merge", "p.zarr", "--output-kind", kind, "-o", "merged.\(kind).\(file)")
        #expect(run.status == 0, "\(run.messages)")
        let files = try ["whole", "merged"].map { try fileBytes(program.path("\($0).\(kind).\(file)")) }
        #expect(files[0] == files[1])
      }
      struct Record: Decodable, Equatable {
        struct File: Decodable, Equatable { var sha256: String }
        struct Settings: Decodable, Equatable {
          var patch: [Int]
          var blend: String
        }
        struct Patches: Decodable, Equatable { var predicted: Int }
        var inputs: [File]
        var networks: [[File]]
        var settings: Settings
        var patches: Patches
      }
      let records = try ["whole", "merged"].map { name in
        try JSONDecoder().decode(
          Record.self, from: Data(fileBytes(program.path("\(name).labels.nii.gz.voxtile.json"))))
      }
      #expect(records[0] == records[1])
    }
  }

  @Test("what does not fit is refused with its reason, and nothing is lost")
  func refusals() throws {
    try withProgram { program in
      try program.makeStoredScan()
      _ = try program.store("1/2")
      func refused(_ run: Program.Run, _ status: Int32, _ words: String) {
        #expect(run.status == status && run.messages.contains(words), "\(run.messages)")
      }
      refused(
        try program.inferStored("--output-kind", "predictions", "-o", "p.zarr", "--blend", "average"), 1,
        "settings.blend is \"gaussian\" there and \"average\" now")
      refused(
        try program.inferStored("--output-kind", "predictions", "-o", "p.zarr", "--jobs", "7"), 1,
        "threads is")
      refused(
        try program.inferStored("--output-kind", "predictions", "-o", "p.zarr", "--force"), 64, "other parts")
      refused(
        try program.inferStored("-o", "b.nii.gz", "--part", "1/2"), 64, "with --output-kind predictions")
      refused(
        try program(
          "infer", "a.nii.gz", "--model", model("labels_uint8"), "--patch", "6", "-o", "l.zarr",
          "--output-kind",
          "predictions", "--probability-type", "float16"), 64, "does not hold all labels")
      refused(
        try program.inferStored("--output-kind", "predictions,labels", "-o", "a.zarr", "-o", "b.nii"), 64,
        "kind")
      refused(
        try program.inferStored("-o", "b.nii.gz", "--probability-type", "float16"), 64,
        "is for probabilities, confidence and predictions"
      )
      #expect(try program.store("2/2").isComplete)
      refused(
        try program("merge", "p.zarr", "-o", "b.nii.gz", "--blend", "average"), 64, "--blend has no use")
      refused(try program("merge", "p.zarr", "-o", "b.nii.gz", "--part", "1/2"), 64, "only OME-Zarr")
      refused(try program("merge", "p.zarr", "-o", "p.zarr"), 1, "p.zarr")
      refused(try program("info", "p.zarr"), 1, "holds predictions of patches")
      #expect(try program("merge", "p.zarr", "-o", "b.zarr", "--part", "1/2").status == 0)
      refused(try program("merge", "p.zarr", "-o", "b.zarr", "--part", "2/3"), 1, "another number of parts")
      var damaged = try fileBytes(program.path("p.zarr/predictions/c/3/0/0/0/0"))
      damaged[40] ^= 1
      try writeFile(damaged, to: program.path("p.zarr/predictions/c/3/0/0/0/0"))
      refused(try program("merge", "p.zarr", "-o", "c.nii.gz"), 1, "is damaged")
      #expect(try !fileNames(in: program.folder).contains("c.nii.gz"))
      let verified = try program("verify", "p.zarr")
      #expect(verified.status == 1 && verified.output.contains("c/3/0/0/0/0: is damaged"))
    }
  }

  @Test(
    "another scan or network is named; a folder is not called like a file; the command to go on with can be typed"
  )
  func otherFiles() throws {
    try withProgram { program in
      try program.makeStoredScan()
      func store(_ scan: String, _ network: String, _ output: String) throws -> Program.Run {
        try program.run(
          ["infer", scan, "--model", network, "--patch", "6", "--spacing", "keep", "-o", output]
            + ["--output-kind", "predictions"])
      }
      let first = try store("a.nii.gz", model("two_classes"), "it's p.zarr")
      #expect(
        first.status == 0
          && first.output.contains(#"all are kept: voxtile merge 'it'\''s p.zarr' --output labels.nii.gz"#),
        "\(first)")
      try program.makeImage("b.nii.gz", Extent(width: 14, height: 11, depth: 19), limit: 9)
      try FileManager.default.copyItem(
        atPath: model("half"), toPath: program.path("two_classes.onnx"))
      for (scan, network, words) in [
        ("b.nii.gz", model("two_classes"), "the scan was a.nii.gz there, and is b.nii.gz now"),
        ("a.nii.gz", "two_classes.onnx", "the network two_classes.onnx has other content now"),
      ] {
        let other = try store(scan, network, "it's p.zarr")
        #expect(
          other.status == 1
            && other.messages.contains("it's p.zarr: holds predictions of other files: \(words)"),
          "\(other)")
      }
      let named = try store("a.nii.gz", model("two_classes"), "p.nii.gz")
      #expect(
        named.status == 64
          && named.messages.contains("p.nii.gz is called like a file of NIfTI; name it such as"),
        "\(named)")
      #expect(try !fileNames(in: program.folder).contains("p.nii.gz"))
    }
  }

  @Test(
    "patches whose chunks changed places are named by verify and stop a merge, and predicted again they are good"
  )
  func swapped() throws {
    try withProgram { program in
      try program.makeStoredScan()
      _ = try program.store("1/1")
      #expect(try program("merge", "p.zarr", "-o", "whole.nii.gz").status == 0)
      let files = [3, 5].map { program.path("p.zarr/predictions/c/\($0)/0/0/0/0") }
      let chunks = try files.map { try fileBytes($0) }
      for (file, chunk) in zip(files, chunks.reversed()) { try writeFile(chunk, to: file) }
      let verified = try program("verify", "p.zarr")
      #expect(
        verified.status == 1 && verified.output.contains("c/3/0/0/0/0: is whole, but not what was predicted"),
        "\(verified)")
      #expect(verified.output.contains("c/5/0/0/0/0: is whole, but not what was predicted"))
      let merged = try program("merge", "p.zarr", "-o", "b.nii.gz")
      #expect(
        merged.status == 1 && merged.messages.contains("not what was predicted of patch 3"), "\(merged)")
      #expect(try !fileNames(in: program.folder).contains("b.nii.gz"))
      for file in files { try FileManager.default.removeItem(atPath: file) }
      #expect(try program.store("1/1").predicted == 2)
      #expect(try program("verify", "p.zarr").status == 0)
      #expect(try program("merge", "p.zarr", "-o", "b.nii.gz").status == 0)
      #expect(try fileBytes(program.path("b.nii.gz")) == fileBytes(program.path("whole.nii.gz")))
    }
  }

  @Test("records of merges count the patches that were skipped, in parts too; a damaged document is named")
  func skipped() throws {
    try withProgram { program in
      // Nothing in one half.
      let extent = Extent(width: 12, height: 12, depth: 12)
      let voxels = (0..<extent.voxelCount).map { $0 < extent.voxelCount / 2 ? Int16(0) : Int16(50 + $0 % 9) }
      try Volume(extent: extent, voxels: voxels).write(to: program.path("a.nii.gz"))
      let run = try program.inferStored("--output-kind", "predictions", "-o", "p.zarr", "--skip-below", "10")
      #expect(run.status == 0, "\(run)")
      #expect(try program.inferStored("-o", "one.zarr", "--skip-below", "10").status == 0)
      for part in ["1/2", "2/2"] {
        #expect(try program("merge", "p.zarr", "-o", "parts.zarr", "--part", part).status == 0)
      }
      #expect(try program("merge", "p.zarr", "-o", "whole.zarr").status == 0)
      struct Record: Decodable {
        struct Patches: Decodable, Equatable {
          var predicted: Int
          var skipped: Int
        }
        var patches: Patches
      }
      let found = try ["one", "parts", "whole"].map { name in
        try JSONDecoder().decode(
          Record.self, from: Data(fileBytes(program.path("\(name).zarr.voxtile.json"))))
      }
      #expect(found[0].patches.skipped > 0 && Set(found.map(\.patches.skipped)).count == 1)
      #expect(found.allSatisfy { $0.patches == found[0].patches })
      #expect(try program.voxels("parts.zarr") == program.voxels("one.zarr"))
      try writeFile([0x7B], to: program.path("p.zarr/zarr.json"))
      for command in [["merge", "p.zarr", "-o", "x.nii"], ["verify", "p.zarr"]] {
        let run = try program.run(command)
        #expect(run.status == 1 && run.messages.contains("zarr.json"), "\(run)")
      }
    }
  }

  @Test("float16 takes half the space, and labels differ in few voxels")
  func half() throws {
    try withProgram { program in
      try program.makeStoredScan()
      #expect(try program.inferStored("-o", "whole.nii.gz").status == 0)
      let run = try program.inferStored(
        "--output-kind", "predictions", "-o", "h.zarr", "--probability-type", "float16")
      #expect(run.status == 0, "\(run.messages)")
      #expect(try program("merge", "h.zarr", "-o", "half.nii.gz").status == 0)
      let (a, b) = (try program.voxels("whole.nii.gz"), try program.voxels("half.nii.gz"))
      #expect(a.count == b.count && zip(a, b).count { $0 != $1 } <= a.count / 100)
    }
  }

  @Test("the schema knows every field, of weights that are a product or not, and of a resampled scan")
  func schema() throws {
    try withProgram { program in
      try program.makeStoredScan()
      for (name, options) in [
        ("plain", ["--spacing", "keep", "--mask", "a.nii.gz"]),
        ("compat", ["--spacing", "keep", "--compat", "monai", "--skip-below=-5"]),
        ("resampled", ["--spacing", "2", "--convention", "monai"]),
      ] {
        let run = try program.run(
          ["infer", "a.nii.gz", "--model", model("two_classes"), "--patch", "6", "-o", "\(name).zarr"]
            + ["--output-kind", "predictions"] + options)
        #expect(run.status == 0, "\(run.messages)")
        let group = try readObject(program.path("\(name).zarr/zarr.json"))
        let record = (group["attributes"] as? [String: Any])?["voxtile_predictions"]
        try expectFits(record, "voxtile-predictions-1.schema.json")
        let found = ((record as? [String: Any])?["normalization"] as? [String: [Any]])?["maps"]
        #expect(found?.count == (name == "resampled" ? nil : 1))
        #expect(try fileNames(in: program.path("\(name).zarr")).contains("weights") == (name == "compat"))
        #expect(try program("merge", "\(name).zarr", "-o", "\(name).nii.gz").status == 0)
        let whole = try program.run(
          [
            "infer", "a.nii.gz", "--model", model("two_classes"), "--patch", "6", "-o",
            "\(name).whole.nii.gz",
          ]
            + options)
        #expect(whole.status == 0, "\(whole.messages)")
        let isSame =
          try fileBytes(program.path("\(name).nii.gz")) == fileBytes(program.path("\(name).whole.nii.gz"))
        #expect(isSame, "\(name)")
      }
    }
  }
}
