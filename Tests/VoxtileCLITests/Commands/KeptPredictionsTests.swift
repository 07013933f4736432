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
struct KeptPredictionsTests {
  private struct Kept: Decodable {
    var patches: Int
    var kept: Int
    var predicted: Int
    var before: Int
    var isComplete: Bool
  }

  private static let settings = [
    "a.nii.gz", "--patch", "6", "--overlap", "3", "--normalize", "zscore", "--spacing", "keep",
  ]

  private func infer(_ program: Program, _ arguments: String...) throws -> Program.Run {
    try program.run(["infer"] + Self.settings + ["--model", model("two_classes")] + arguments)
  }

  private func keep(_ program: Program, _ part: String) throws -> Kept {
    let run = try infer(
      program, "--output-kind", "predictions", "-o", "p.zarr", "--part", part, "--json")
    #expect(run.status == 0, "\(run.messages)")
    return try run.json(Kept.self)
  }

  private func makeScan(_ program: Program) throws {
    try program.makeImage("a.nii.gz", Extent(width: 14, height: 11, depth: 19))
  }

  @Test("parts in any order make the files of one run, in every format and kind; their records say the same")
  func parts() throws {
    try withProgram { program in
      try makeScan(program)
      let second = try keep(program, "2/3")
      #expect(second.kept == second.predicted && !second.isComplete)
      let early = try program("merge", "p.zarr", "-o", "early.nii.gz")
      #expect(early.status == 1 && early.messages.contains("have not been predicted yet"))
      #expect(try program("verify", "p.zarr").status == 1)
      _ = try keep(program, "1/3")
      // What was kept is not predicted again, and another division goes on with it.
      let again = try keep(program, "1/2")
      #expect(again.before > 0 && again.predicted + again.before <= again.patches)
      let last = try keep(program, "3/3")
      #expect(last.isComplete && last.kept == last.patches)
      #expect(try keep(program, "1/1").predicted == 0)
      #expect(try program("verify", "p.zarr").output.contains("all there and as written"))
      for (kind, file) in [("labels", "nii.gz"), ("logits", "nii.gz"), ("confidence", "nrrd")] {
        #expect(try infer(program, "--output-kind", kind, "-o", "whole.\(kind).\(file)").status == 0)
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

  @Test("parts of a merge make the OME-Zarr image of one, once, and can be done twice")
  func mergedInParts() throws {
    try withProgram { program in
      try makeScan(program)
      _ = try keep(program, "1/1")
      #expect(try program("merge", "p.zarr", "-o", "one.zarr", "--chunk", "5").status == 0)
      for part in ["3/5", "1/5", "3/5", "5/5", "2/5", "4/5", "2/5"] {
        let run = try program("merge", "p.zarr", "-o", "parts.zarr", "--chunk", "5", "--part", part)
        #expect(run.status == 0, "\(part): \(run.messages)")
        #expect(
          (run.output + run.messages).contains("finished") == ["4/5", "2/5"].contains(part) || part == "2/5")
      }
      func content(_ name: String) throws -> [String: [UInt8]] {
        let root = program.path(name)
        let files = try FileManager.default.subpathsOfDirectory(atPath: root).filter {
          FormatProbe("\(root)/\($0)").kind == .file && $0 != "zarr.json"
        }
        return try Dictionary(uniqueKeysWithValues: files.map { ($0, try fileBytes("\(root)/\($0)")) })
      }
      #expect(try content("one.zarr") == content("parts.zarr"))
      #expect(try fileNames(in: program.folder).contains("parts.zarr.voxtile.json"))
      #expect(try !fileNames(in: program.folder).contains { $0.contains("voxtile-parts") })
    }
  }

  @Test("what does not fit is refused with its reason, and nothing is lost")
  func refusals() throws {
    try withProgram { program in
      try makeScan(program)
      _ = try keep(program, "1/2")
      func refused(_ run: Program.Run, _ status: Int32, _ words: String) {
        #expect(run.status == status && run.messages.contains(words), "\(run.messages)")
      }
      refused(
        try infer(program, "--output-kind", "predictions", "-o", "p.zarr", "--blend", "average"), 1,
        "settings.blend is \"gaussian\" there and \"average\" now")
      refused(
        try infer(program, "--output-kind", "predictions", "-o", "p.zarr", "--jobs", "7"), 1, "threads is")
      refused(
        try infer(program, "--output-kind", "predictions", "-o", "p.zarr", "--force"), 64, "other parts")
      refused(try infer(program, "-o", "b.nii.gz", "--part", "1/2"), 64, "--part")
      refused(
        try infer(program, "--output-kind", "predictions,labels", "-o", "a.zarr", "-o", "b.nii"), 64, "kind")
      refused(
        try infer(program, "-o", "b.nii.gz", "--probability-type", "float16"), 64, "--output-kind predictions"
      )
      #expect(try keep(program, "2/2").isComplete)
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

  @Test("an image that was removed between parts has none of them; nothing is written into the predictions")
  func removed() throws {
    try withProgram { program in
      try makeScan(program)
      _ = try keep(program, "1/1")
      let part = ["merge", "p.zarr", "-o", "o.zarr", "--chunk", "5", "--part"]
      #expect(try program.run(part + ["1/2"]).status == 0)
      try FileManager.default.removeItem(atPath: program.path("o.zarr"))
      let second = try program.run(part + ["2/2"])
      #expect(second.status == 0 && second.output.contains("others are not yet"), "\(second)")
      #expect(try program.run(part + ["1/2"]).output.contains("is finished"))
      #expect(try program("merge", "p.zarr", "-o", "one.zarr", "--chunk", "5").status == 0)
      #expect(try program.voxels("o.zarr") == program.voxels("one.zarr"))
      for output in ["p.zarr/x.nii", "p.zarr/predictions/x.zarr"] {
        let run = try program("merge", "p.zarr", "-o", output)
        #expect(run.status == 1 && run.messages.contains("lies in the folder of the predictions"), "\(run)")
      }
      try FileManager.default.removeItem(atPath: program.path("p.zarr/zarr.json"))
      let adopted = try infer(program, "--output-kind", "predictions", "-o", "p.zarr")
      #expect(adopted.status == 1 && adopted.messages.contains("not the document"), "\(adopted)")
    }
  }

  @Test("float16 takes half the space, and labels differ in few voxels")
  func half() throws {
    try withProgram { program in
      try makeScan(program)
      #expect(try infer(program, "-o", "whole.nii.gz").status == 0)
      let run = try infer(
        program, "--output-kind", "predictions", "-o", "h.zarr", "--probability-type", "float16")
      #expect(run.status == 0, "\(run.messages)")
      #expect(try program("merge", "h.zarr", "-o", "half.nii.gz").status == 0)
      let (a, b) = (try program.voxels("whole.nii.gz"), try program.voxels("half.nii.gz"))
      #expect(a.count == b.count && zip(a, b).count { $0 != $1 } <= a.count / 100)
    }
  }

  /// The fields of an object, and those that the schema has for it and requires, and so on inside.
  private func compare(_ value: Any?, _ schema: Any?, _ definitions: [String: Any]) throws {
    var schema = try #require(schema as? [String: Any])
    if let name = (schema["$ref"] as? String)?.split(separator: "/").last {
      schema = try #require(definitions[String(name)] as? [String: Any])
    }
    if let object = value as? [String: Any] {
      let known = try #require(schema["properties"] as? [String: Any])
      let required = try #require(schema["required"] as? [String])
      #expect(Set(object.keys).isSubset(of: known.keys) && Set(required).isSubset(of: object.keys))
      for (key, inner) in object { try compare(inner, known[key], definitions) }
    } else if let values = value as? [Any], let items = schema["items"] {
      for value in values { try compare(value, items, definitions) }
    }
  }

  @Test("the schema knows every field, of weights that are a product or not, and of a resampled scan")
  func schema() throws {
    try withProgram { program in
      try makeScan(program)
      let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
      func read(_ path: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(fileBytes(path))) as? [String: Any])
      }
      let schema = try read(root.appending(path: "Schema/voxtile-predictions-1.schema.json").path)
      let definitions = try #require(schema["$defs"] as? [String: Any])
      for (name, options) in [
        ("plain", ["--spacing", "keep", "--mask", "a.nii.gz"]),
        ("compat", ["--spacing", "keep", "--compat", "monai", "--skip-below=-5"]),
        ("resampled", ["--spacing", "2", "--convention", "monai"]),
      ] {
        let run = try program.run(
          ["infer", "a.nii.gz", "--model", model("two_classes"), "--patch", "6", "-o", "\(name).zarr"]
            + ["--output-kind", "predictions"] + options)
        #expect(run.status == 0, "\(run.messages)")
        let group = try read(program.path("\(name).zarr/zarr.json"))
        let record = (group["attributes"] as? [String: Any])?["voxtile_predictions"]
        try compare(record, schema, definitions)
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
