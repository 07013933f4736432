import Testing
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileTestSupport

/// Whether the program finds ONNX Runtime.
private let canRun = (try? OnnxRuntime.open()) != nil

/// What `voxtile infer` stores probabilities as.
@Suite(
  "voxtile infer: types of probabilities",
  .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
struct InferProbabilityTypeTests {
  private static let extent = Extent(width: 12, height: 10, depth: 9)

  @Test("probabilities and confidence are stored as whole numbers with a scaling, and so said")
  func wholeNumbers() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      func predict(_ type: String, _ ending: String, _ more: String...) throws -> Program.Run {
        try program.run(
          [
            "infer", "a.nii", "--model", model("two_classes"), "--normalize", "zscore", "--spacing", "keep",
            "--output-kind", "labels,probabilities,confidence", "-o", "l\(type)\(ending)", "-o",
            "p\(type)\(ending)",
            "-o", "c\(type)\(ending)", "--probability-type", type,
          ] + more)
      }
      #expect(try predict("float32", ".nii").status == 0)
      for (type, step) in [("uint8", 1.0 / 255), ("uint16", 1.0 / 65535)] {
        let run = try predict(type, ".nii", "--report", "\(type).html")
        #expect(run.status == 0 && !run.messages.contains("became 0 or 1"), "\(run.messages)")
        #expect(try fileBytes(program.path("l\(type).nii")) == fileBytes(program.path("lfloat32.nii")))
        for kind in ["p", "c"] {
          let reader = try ImageFormats.open(program.path("\(kind)\(type).nii"))
          #expect(reader.info.scalarType.rawValue == type)
          let found = try reader.readReal(as: Float.self).voxels
          let wanted = try ImageFormats.open(program.path("\(kind)float32.nii")).readReal(as: Float.self)
            .voxels
          let differ = zip(found, wanted).contains { abs($0 - $1) > Float(step) * 0.501 }
          #expect(!differ)
        }
        let text = String(decoding: try fileBytes(program.path("p\(type).nii.voxtile.json")), as: UTF8.self)
        #expect(text.contains("\"scalarType\" : \"\(type)\""))
        // The page shows what was written.
        let page = String(decoding: try fileBytes(program.path("\(type).html")), as: UTF8.self)
        let shown = page.matches(of: /"name":"([^"]*)","role":"overlay"/).map { String($0.1) }
        #expect(
          shown == [
            "l\(type).nii", "p\(type).nii, background", "p\(type).nii, tumor core", "c\(type).nii",
            "disagreement.nii.gz",
          ])
      }
      let raw = try predict("uint8", ".nii", "--activation", "none", "--force")
      #expect(raw.status == 0 && raw.messages.contains("below 0 or above 1 became 0 or 1"), "\(raw.messages)")
      let other = try predict("uint8", ".nrrd")
      #expect(
        other.status == 64 && other.messages.contains("NRRD has none (puint8.nrrd); write .nii.gz"),
        "\(other.messages)")
      let half = try predict("float16", ".nii")
      #expect(
        half.status == 64
          && half.messages.contains(
            "NIfTI has no floating-point numbers of 16 bits (pfloat16.nii); write .npy or .zarr"),
        "\(half.messages)")
      let none = try program(
        "infer", "a.nii", "--model", model("two_classes"), "-o", "b.nii", "--probability-type", "uint8")
      #expect(none.status == 64 && none.messages.contains("is for probabilities, confidence and predictions"))
    }
  }

  @Test(
    "probabilities and confidence are stored in 16 bits where the format has such numbers, and nothing else is",
    arguments: [".npy", ".zarr"])
  func half(ending: String) throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      let kinds = ["labels", "logits", "probabilities", "confidence"]
      func predict(_ type: String, _ more: [String] = []) throws -> Program.Run {
        try program.run(
          ["infer", "a.nii", "--model", model("two_classes"), "--normalize", "zscore", "--spacing", "keep"]
            + ["--output-kind", kinds.joined(separator: ","), "--probability-type", type, "--patch", "6"]
            + kinds.flatMap { ["-o", "\($0)-\(type)\(ending)"] } + more)
      }
      #expect(try predict("float32").status == 0)
      let run = try predict("float16")
      #expect(run.status == 0, "\(run.messages)")
      for kind in kinds {
        let (found, wanted) = (
          try ImageFormats.open(program.path("\(kind)-float16\(ending)")),
          try ImageFormats.open(program.path("\(kind)-float32\(ending)"))
        )
        #expect(found.info.scalarType == wanted.info.scalarType)
        let isHalf = ["probabilities", "confidence"].contains(kind)
        let differ = zip(
          try found.readReal(as: Float.self).voxels, try wanted.readReal(as: Float.self).voxels
        ).contains { abs($0 - $1) > (isHalf ? max($1 / 2048, 0x1p-25) : 0) }
        #expect(!differ, "\(kind)")
        let record = program.path("\(kind)-float16\(ending).voxtile.json")
        let text = String(decoding: try fileBytes(record), as: UTF8.self)
        #expect(text.contains("\"scalarType\" : \"float16\""))
      }
      let details = try program("info", "probabilities-float16\(ending)").output
      #expect(details.contains("float16"), "\(details)")
      // A result of another type is another one.
      let same = try predict("float16", ["--resume"])
      #expect(same.output.contains("was finished before"), "\(same)")
    }
  }
}
