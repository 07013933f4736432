import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileTestSupport

/// Whether the program finds ONNX Runtime.
private let canRun = (try? OnnxRuntime.open()) != nil

@Suite(
  "What is known of predictions that are kept",
  .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
struct StoredPredictionRecordTests {
  @Test(
    "what only the patch shows that a part tries is said, and divides no parts", arguments: [false, true])
  func remarkOfOnePatch(startsWithLast: Bool) throws {
    try withProgram { program in
      // The network gives back the scan: values from 0 to 1 look like probabilities, but not those of the last slices.
      var scan = Volume<Float>(extent: Extent(width: 8, height: 8, depth: 16))
      for index in scan.voxels.indices { scan.voxels[index] = index < 512 ? Float(index % 7) / 7 : 5 }
      try scan.write(to: program.path("s.nii"))
      var remarks = 0
      for part in startsWithLast ? ["2/2", "1/2"] : ["1/2", "2/2"] {
        let run = try program.run(
          [
            "infer", "s.nii", "--model", model("identity"), "--patch", "8", "--overlap", "0", "--normalize",
            "none",
          ]
            + ["--spacing", "keep", "--output-kind", "predictions", "-o", "p.zarr", "--part", part])
        #expect(run.status == 0, "\(run.messages)")
        remarks += run.messages.contains("as if they were probabilities already") ? 1 : 0
      }
      #expect(remarks == 1)
    }
  }

  @Test("edited intensities are refused, whatever they are")
  func editedIntensities() throws {
    try withProgram { program in
      try program.makeStoredScan()
      _ = try program.store("1/3")
      let path = program.path("p.zarr/zarr.json")
      let document = String(decoding: try fileBytes(path), as: UTF8.self)
      let before = try #require(document.firstRange(of: #/"divisor":[ ]*[0-9.]+/#))
      for divisor in ["0", "7", "1e-320", "-3"] {
        var edited = document
        edited.replaceSubrange(before, with: "\"divisor\": \(divisor)")
        try writeFile(Array(edited.utf8), to: path)
        let run = try program.inferStored("--output-kind", "predictions", "-o", "p.zarr", "--part", "2/3")
        #expect(
          run.status == 1 && run.messages.contains("made in another way"), "\(divisor): \(run.messages)")
      }
      try writeFile(Array(document.utf8), to: path)
      #expect(try program.store("2/3").predicted > 0)
    }
  }
}
