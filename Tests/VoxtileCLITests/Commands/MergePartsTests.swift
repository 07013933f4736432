import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileTestSupport

/// Whether the program finds ONNX Runtime.
private let canRun = (try? OnnxRuntime.open()) != nil

/// Stored predictions that several processes merge: `voxtile merge --part`.
@Suite(
  "voxtile merge: parts of one image",
  .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
struct MergePartsTests {
  @Test("parts of a merge make the OME-Zarr image of one, once, and can be done twice")
  func mergedInParts() throws {
    try withProgram { program in
      try program.makeStoredScan()
      _ = try program.store("1/1")
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

  @Test("an image that was removed between parts has none of them; nothing is written into the predictions")
  func removed() throws {
    try withProgram { program in
      try program.makeStoredScan()
      _ = try program.store("1/1")
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
      let adopted = try program.inferStored("--output-kind", "predictions", "-o", "p.zarr")
      #expect(adopted.status == 1 && adopted.messages.contains("not the document"), "\(adopted)")
    }
  }

  @Test(
    "an image that was damaged, or that is of other predictions, is not finished; nobody's record is written over"
  )
  func notFinished() throws {
    try withProgram { program in
      try program.makeStoredScan()
      _ = try program.store("1/1")
      let half = ["--output-kind", "predictions", "-o", "h.zarr", "--probability-type", "float16"]
      #expect(
        try program.run(["infer"] + Program.storedSettings + half).status == 0)
      func merge(_ store: String, _ part: String) throws -> Program.Run {
        try program("merge", store, "-o", "o.zarr", "--chunk", "5", "--output-kind", "logits", "--part", part)
      }
      #expect(try merge("p.zarr", "1/2").status == 0)
      let mixed = try merge("h.zarr", "2/2")
      #expect(mixed.status == 1 && mixed.messages.contains("from other predictions"), "\(mixed)")
      #expect(try merge("p.zarr", "2/2").output.contains("is finished"))
      #expect(try merge("p.zarr", "2/2").output.contains("is finished already"))
      let other = try merge("h.zarr", "1/1")
      #expect(other.status == 1 && other.messages.contains("is a finished image already"), "\(other)")
      try FileManager.default.removeItem(atPath: program.path("o.zarr/0/c/0/0/0/0"))
      let damaged = try merge("p.zarr", "1/2")
      #expect(damaged.status == 1 && damaged.messages.contains("is a finished image already"), "\(damaged)")
      try writeFile([1], to: program.path("q.zarr.voxtile.json"))
      let record = try program("merge", "p.zarr", "-o", "q.zarr", "--part", "1/2")
      #expect(
        record.status == 1 && record.messages.contains("q.zarr.voxtile.json: exists already"), "\(record)")
      #expect(try fileBytes(program.path("q.zarr.voxtile.json")) == [1])
    }
  }
}
