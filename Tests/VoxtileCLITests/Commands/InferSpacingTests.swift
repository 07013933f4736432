import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileTestSupport

/// Whether the program finds ONNX Runtime.
private let canRun = (try? OnnxRuntime.open()) != nil

/// `voxtile infer` with other voxels than the scan's, and with an nnU-Net.
@Suite(
  "voxtile infer: spacing",
  .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
struct InferSpacingTests {
  private static let extent = Extent(width: 12, height: 10, depth: 9)

  private struct Record: Decodable {
    struct Settings: Decodable {
      struct Resampling: Decodable {
        var spacing: [Double]
        var convention: String
        var interpolation: String
        var extent: [Int]
      }
      var resampling: Resampling?
      var boxExtent: [Int]
    }
    var settings: Settings
    var warnings: [String]
  }

  private func infer(_ program: Program, _ name: String, _ arguments: String...) throws -> Record {
    let run = try program.run(
      ["infer", "a.nii.gz", "--model", model("two_classes"), "-o", name, "--json"] + arguments)
    #expect(run.status == 0, "\(run.messages)")
    return try run.json(Record.self)
  }

  @Test("a network gets the voxels that it says, which is announced, and keep goes without")
  func announced() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Self.extent)
      let record = try infer(program, "b.nii.gz", "--normalize", "zscore")
      #expect(record.settings.resampling?.extent == [24, 15, 22])
      #expect(record.settings.resampling?.convention == "nnunet")
      #expect(record.settings.resampling?.interpolation == "cubic")
      #expect(record.settings.boxExtent == [12, 10, 9])
      #expect(record.warnings.count == 1 && record.warnings[0].contains("--spacing keep"))
      let (scan, result) = (try program.info("a.nii.gz"), try program.info("b.nii.gz"))
      #expect(result.extent == scan.extent && result.metadata.affine == scan.metadata.affine)
      #expect(result.isLabelMap)
      let kept = try infer(program, "c.nii.gz", "--normalize", "zscore", "--spacing", "keep")
      #expect(kept.settings.resampling == nil && kept.warnings.count == 1)
      #expect(kept.warnings[0].contains("2x1.5x2.5 mm"))
    }
  }

  @Test("a size that is asked for is warned of where it is not that of the network")
  func asked() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Self.extent)
      let record = try infer(
        program, "b.nii.gz", "--normalize", "zscore", "--spacing", "1.2x1.5x2.5", "--convention", "monai")
      #expect(record.settings.resampling?.spacing == [1.2, 1.5, 2.5])
      #expect(record.settings.resampling?.extent == [19, 10, 9])
      #expect(record.settings.resampling?.interpolation == "linear")
      #expect(
        record.warnings.count == 1
          && record.warnings[0].contains(
            "resampled to voxels of 1.2x1.5x2.5 mm, but the network was trained with 1x1x1 mm"),
        "\(record.warnings)")
      let same = try infer(program, "c.nii.gz", "--normalize", "zscore", "--spacing", "1.02")
      #expect(same.settings.resampling != nil && same.warnings.isEmpty)
    }
  }

  @Test(
    "a scan of which resampling leaves hardly a voxel is warned of, and one whose values are NaN is named")
  func doubtful() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Self.extent)
      let few = try infer(program, "b.nii.gz", "--normalize", "zscore", "--spacing", "3x1x1")
      #expect(!few.warnings.contains { $0.contains("the network sees") }, "\(few.warnings)")
      let fewer = try infer(program, "c.nii.gz", "--normalize", "zscore", "--spacing", "1000x1x5")
      #expect(
        fewer.warnings.contains {
          $0.hasPrefix("of 12x10x9 voxels the network sees 1x15x4, fewer than 8 along x and z")
            && $0.hasSuffix("has")
        }, "\(fewer.warnings)")
      let voxels = (0..<Self.extent.voxelCount).map { $0 == 77 ? Float.nan : Float($0 % 9) }
      var volume = try Volume(extent: Self.extent, voxels: voxels)
      volume.metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(1)))
      try volume.write(to: program.path("nan.nii"))
      for convention in ["nnunet", "monai"] {
        for kind in ["labels", "predictions"] {
          let run = try program.run([
            "infer", "nan.nii", "--model", model("two_classes"), "-o", "d.\(kind).zarr", "--output-kind",
            kind,
            "--spacing", "2", "--convention", convention, "--normalize", "none",
          ])
          #expect(
            run.status == 1 && run.messages.contains("Error: nan.nii: has a value that is NaN"), "\(run)")
        }
      }
    }
  }

  @Test(
    "options that contradict each other are refused",
    arguments: [
      (["--spacing", "keep", "--convention", "monai"], "--spacing keep"),
      (["--spacing", "0"], "above 0"),
      (["--spacing", "2", "--skip-below", "3"], "skipped"),
      (["--spacing", "2", "--convention", "monai", "--foreground", "positive"], "--spacing keep"),
      (["--nnunet", "x"], "one of --model and --nnunet"), (["--folds", "0"], "--nnunet"),
    ])
  func refused(arguments: [String], message: String) throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Self.extent)
      let run = try program.run(
        ["infer", "a.nii.gz", "--model", model("two_classes"), "-o", "b.nii.gz"] + arguments)
      #expect(run.status != 0 && run.messages.contains(message), "\(run.messages)")
      #expect(try fileNames(in: program.folder) == ["a.nii.gz"])
    }
  }

  @Test("an nnU-Net decides by itself, and its plans are in the record")
  func nnunet() throws {
    try withProgram { program in
      let fixtures = URL(filePath: model("two_classes")).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "nnunet").path
      let files = (0...1).map { "\(fixtures)/B_000\($0).nii.gz" }
      let arguments = ["infer"] + files + ["--nnunet", "\(fixtures)/regions", "-o", "b.nii.gz"]
      let run = try program.run(arguments + ["--mirror", "none", "--folds", "1", "--json"])
      #expect(run.status == 0, "\(run.messages)")
      #expect(run.output.contains("plans.json") && run.output.contains("fold_1.onnx"))
      #expect(!run.output.contains("fold_0.onnx") && run.output.contains("\"core\""))
      let refused = try program.run(arguments + ["--force", "--patch", "8"])
      #expect(refused.status == 64 && refused.messages.contains("--nnunet decides --patch"))
    }
  }
}
