import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileTestSupport

/// Whether the program finds ONNX Runtime.
private let canRun = (try? OnnxRuntime.open()) != nil

/// `voxtile infer --nnunet` with tiny nnU-Nets of random weights: `make_nnunet_toys.py` says which is which.
@Suite(
  "voxtile infer: nnU-Net",
  .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
struct InferNnUNetTests {
  private func folder(_ toy: String) -> String {
    URL(filePath: model("two_classes")).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "nnunet/\(toy)").path
  }

  private func voxels(_ path: String) throws -> [Float] {
    try ImageFormats.open(path).readReal(as: Float.self).voxels
  }

  @Test(
    "--compat nnunet-half gives nnU-Net's own labels, without it those of sums of single precision",
    arguments: ["slices", "torch"])
  func half(toy: String) throws {
    try withProgram { program in
      let channels = (0...1).map { "\(folder(toy))/scan_000\($0).nii.gz" }
        .filter(FileManager.default.fileExists)
      let arguments = ["infer"] + channels + ["--nnunet", folder(toy), "--force", "-o", "b.nii.gz"]
      for (more, expected) in [([], "labels_single"), (["--compat", "nnunet-half"], "labels")] {
        let run = try program.run(arguments + more)
        #expect(run.status == 0, "\(run.messages)")
        #expect(
          try voxels("\(program.folder)/b.nii.gz") == voxels("\(folder(toy))/\(expected).nii.gz"), "\(more)")
      }
      let record = try String(contentsOfFile: "\(program.folder)/b.nii.gz.voxtile.json", encoding: .utf8)
      #expect(record.contains("\"compatibility\" : \"nnunet-half\""))
    }
  }

  @Test("another mode is refused, and predictions in half precision are not kept")
  func limits() throws {
    try withProgram { program in
      let scan = "\(folder("torch"))/scan_0000.nii.gz"
      let arguments = ["infer", scan, "--nnunet", folder("torch"), "-o", "b.nii.gz"]
      let other = try program.run(arguments + ["--compat", "nnunet"])
      #expect(other.status == 64 && other.messages.contains("--nnunet decides --compat"))
      let kept = try program.run(
        ["infer", scan, "--nnunet", folder("torch"), "-o", "b.zarr", "--output-kind", "predictions"]
          + ["--compat", "nnunet-half"])
      #expect(kept.status == 64 && kept.messages.contains("half precision"), "\(kept.messages)")
      #expect(try fileNames(in: program.folder).isEmpty)
    }
  }

  @Test("predictions that are kept become nnU-Net's labels, also where its reader turns the scan")
  func kept() throws {
    try withProgram { program in
      let (scan, toy) = ("\(folder("reoriented"))/scan_0000.nii.gz", folder("reoriented"))
      let kept = try program.run(
        ["infer", scan, "--nnunet", toy, "-o", "b.zarr", "--output-kind", "predictions"])
      #expect(kept.status == 0, "\(kept.messages)")
      let merged = try program.run(["merge", "b.zarr", "-o", "b.nii.gz"])
      #expect(merged.status == 0, "\(merged.messages)")
      #expect(try voxels("\(program.folder)/b.nii.gz") == voxels("\(toy)/labels_single.nii.gz"))
    }
  }
}
