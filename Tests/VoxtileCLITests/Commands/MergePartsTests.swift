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
      #expect(try content("one.zarr", in: program) == content("parts.zarr", in: program))
      #expect(try fileNames(in: program.folder).contains("parts.zarr.voxtile.json"))
      #expect(try !fileNames(in: program.folder).contains { $0.contains("voxtile-parts") })
    }
  }

  @Test(
    "verify says of an image that it is not finished, alone and in a folder, until the last part is merged")
  func unfinished() throws {
    try withProgram { program in
      try program.makeStoredScan()
      _ = try program.store("1/1")
      try FileManager.default.createDirectory(atPath: program.path("out"), withIntermediateDirectories: true)
      let words = ["merge", "p.zarr", "-o", "out/parts.zarr", "--chunk", "5", "--part"]
      #expect(try program.run(words + ["1/2"]).status == 0)
      for path in ["out/parts.zarr", "out", "out/*"] {
        let run = try program("verify", path)
        #expect(
          run.status == 1
            && run.output.hasPrefix("out/parts.zarr: unfinished: not all parts of it are merged"),
          "\(run)")
      }
      #expect(try program.run(words + ["2/2"]).status == 0)
      #expect(try program("verify", "out").output == "1 result, all as written, by their SHA-256\n")
    }
  }

  /// The files of an image, but for the document of the group.
  private func content(_ name: String, in program: Program) throws -> [String: [UInt8]] {
    let root = program.path(name)
    let files = try FileManager.default.subpathsOfDirectory(atPath: root).filter {
      FormatProbe("\(root)/\($0)").kind == .file && $0 != "zarr.json"
    }
    return try Dictionary(uniqueKeysWithValues: files.map { ($0, try fileBytes("\(root)/\($0)")) })
  }

  @Test("parts of a scan that was resampled for the network make the image of one, from a few layers each")
  func resampled() throws {
    try withProgram { program in
      try program.makeStoredScan()
      let infer = [
        "infer", "a.nii.gz", "--patch", "6", "--normalize", "zscore", "--spacing", "1.4", "--model",
        model("two_classes"), "--output-kind",
      ]
      #expect(try program.run(infer + ["predictions", "-o", "p.zarr"]).status == 0)
      for kind in ["labels", "probabilities", "disagreement"] {
        let options = ["--output-kind", kind, "--chunk", "5"]
        #expect(try program.run(infer + [kind, "-o", "\(kind).zarr", "--chunk", "5"]).status == 0)
        for part in ["2/4", "4/4", "1/4", "3/4"] {
          let merge = ["merge", "p.zarr", "-o", "parts.\(kind).zarr", "--part", part] + options
          let plan = try program.run(merge + ["--dry-run", "--json"]).json(Plan.self)
          #expect((plan.patches[0] > 0) == (part != "1/4"), "\(part): \(plan)")
          let run = try program.run(merge)
          #expect(run.status == 0, "\(part): \(run.messages)")
        }
        #expect(try content("\(kind).zarr", in: program) == content("parts.\(kind).zarr", in: program))
      }
    }
  }

  /// What `merge --dry-run --json` says.
  private struct Plan: Decodable, Equatable {
    var slices: [Int]
    var patches: [Int]
    var missing: Int
    var removed: Int
    var isDone: Bool
  }

  @Test("parts are merged as soon as their patches are there, and remove those that no other part needs")
  func removeMerged() throws {
    try withProgram { program in
      try program.makeStoredScan()
      let logits = ["--output-kind", "logits", "--chunk", "5"]
      _ = try program.store("1/1")
      #expect(try program.run(["merge", "p.zarr", "-o", "one.zarr"] + logits).status == 0)
      try FileManager.default.removeItem(atPath: program.path("p.zarr"))

      let part = ["merge", "p.zarr", "-o", "o.zarr", "--remove-merged", "--part"]
      func merge(_ number: Int) throws -> Program.Run { try program.run(part + ["\(number)/4"] + logits) }
      func plan(_ number: Int) throws -> Plan {
        try program.run(part + ["\(number)/4", "--dry-run", "--json"] + logits).json(Plan.self)
      }
      func bytes() throws -> Int {
        let files = try FileManager.default.subpathsOfDirectory(atPath: program.path("p.zarr/predictions/c"))
          .filter { $0.hasSuffix("/0/0/0/0") }
        return files.reduce(0) {
          $0 + (FileVersion(program.path("p.zarr/predictions/c/\($1)"))?.byteCount ?? 0)
        }
      }
      let stored = try program.store("1/3")
      let (all, layer) = (stored.patches, stored.patches / 6)
      _ = try program.store("2/3")
      #expect(
        try plan(1) == Plan(slices: [0, 5], patches: [0, 2 * layer], missing: 0, removed: 0, isDone: false))
      #expect(
        try plan(4)
          == Plan(
            slices: [15, 19], patches: [4 * layer, all], missing: 2 * layer, removed: 0, isDone: false))
      let early = try merge(4)
      #expect(early.status == 1 && early.messages.contains("not predicted yet: "), "\(early)")
      #expect(try !fileNames(in: program.folder).contains("o.zarr"))

      let before = try bytes()
      #expect(try merge(1).status == 0)
      #expect(try bytes() == before, "the second part needs all that the first one needs")
      #expect(try merge(2).status == 0)
      #expect(try bytes() < before)
      // Neither predicting nor merging begins again.
      #expect(try program.store("1/3").predicted == 0)
      let done = try plan(1)
      #expect(done.isDone && done.removed > 0 && done.missing == 0)
      let again = try merge(1)
      #expect(again.status == 0 && again.output.contains("others are not yet"), "\(again)")
      #expect(try program.store("3/3").isComplete)
      let verified = try program("verify", "p.zarr")
      #expect(verified.status == 0 && verified.output.contains("merged, and removed since"), "\(verified)")
      let other = try program("merge", "p.zarr", "-o", "labels.nii.gz")
      #expect(
        other.status == 1 && other.messages.contains("were removed when they had been merged"), "\(other)")

      for number in [4, 3] { #expect(try merge(number).status == 0) }
      #expect(try merge(2).output.contains("is finished already"))
      #expect(try program.voxels("o.zarr") == program.voxels("one.zarr"))
      #expect(try bytes() == all * 7)
    }
  }

  @Test("only parts of stored predictions remove them, and a plan of one merge is for them")
  func removingOptions() throws {
    try withProgram { program in
      try program.makeStoredScan()
      _ = try program.store("1/1")
      #expect(try program("crop", "a.nii.gz", "-o", "crop", "--patch", "6").status == 0)
      for (words, message) in [
        (["p.zarr", "-o", "o.nii", "--remove-merged"], "--remove-merged is for parts"),
        (["crop", "-o", "o.nii", "--remove-merged"], "--remove-merged is for predictions"),
        (["crop", "-o", "o.nii", "--dry-run"], "--dry-run is for predictions that were kept"),
      ] {
        let run = try program.run(["merge"] + words)
        #expect(run.status == 64 && run.messages.contains(message), "\(run)")
      }
      let plan = try program("merge", "p.zarr", "-o", "o.nii", "--dry-run")
      #expect(
        plan.status == 0 && plan.output.contains("merges") && plan.output.contains("of scratch"), "\(plan)")
      #expect(try !fileNames(in: program.folder).contains("o.nii"))
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
