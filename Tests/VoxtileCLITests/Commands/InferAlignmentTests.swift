import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileTestSupport

@testable import VoxtileCLI

/// Whether the program finds ONNX Runtime.
private let canRun = (try? OnnxRuntime.open()) != nil

/// `voxtile infer --align` and `--halo`.
@Suite(
  "voxtile infer: alignment",
  .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
struct InferAlignmentTests {
  private static let extent = Extent(width: 21, height: 9, depth: 8)

  private func infer(_ program: Program, _ arguments: [String]) throws -> Program.Run {
    try program.run(
      ["infer", "a.nii", "--model", model("two_classes"), "-o", "b.nii", "--spacing", "keep"] + arguments)
  }

  @Test("patches begin at multiples and share twice the halo, which the record says")
  func aligned() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      let run = try infer(program, ["--patch", "12", "--align", "4x4x2", "--halo", "3x2x1"])
      #expect(run.status == 0, "\(run.messages)")
      let settings = try #require(PredictionRecord(beside: program.path("b.nii"))?.settings)
      #expect(
        settings.alignment == [4, 4, 2] && settings.overlap == [8, 0, 0] && settings.patch == [12, 12, 8])
      #expect(settings.blend == "center" && settings.edge == ["pad", "pad", "pad"])
      try expectFits(readObject(program.path("b.nii.voxtile.json")), "voxtile-prediction-1.schema.json")
    }
  }

  @Test("what is measured is said, and a network that sees its whole patch is refused")
  func measured() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      let run = try infer(program, ["--patch", "8", "--align", "measure", "--halo", "measure"])
      #expect(run.status == 0, "\(run.messages)")
      #expect(run.messages.contains("reach    total stride 1, receptive radius 0 voxels (measured in"))
      #expect(run.messages.contains("--align 1 --halo 0 saves that"))
      let refused = try program.run(
        [
          "infer", "a.nii", "--model", model("convolution"), "-o", "c.nii", "--patch", "8", "--halo",
          "measure",
        ])
      #expect(refused.status == 1 && refused.messages.contains("instance normalization or attention"))
      #expect(
        refused.messages.contains("give numbers to --align and --halo, or leave both out"),
        "\(refused.messages)")
    }
  }

  @Test("what was measured is kept for the user, and holds for that network, patch and provider only")
  func kept() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      let measure = ["--halo", "measure", "--provider", "cpu", "--force"]
      let first = try infer(program, measure + ["--patch", "8"])
      #expect(first.status == 0 && first.messages.contains("(measured in"), "\(first.messages)")
      let folder = program.path(".cache/reach")
      let names = try fileNames(in: folder)
      #expect(names.count == 1)
      let attributes = try FileManager.default.attributesOfItem(atPath: folder)
      #expect(attributes[.posixPermissions] as? Int == 0o700)
      let again = try infer(program, measure + ["--patch", "8"])
      #expect(
        again.messages.contains("receptive radius 0 voxels (measured before on cpu, as "), "\(again.messages)"
      )
      let other = try infer(program, measure + ["--patch", "12"])
      #expect(other.messages.contains("(measured in"), "\(other.messages)")
      #expect(try fileNames(in: folder).count == 2)
      // A file that makes no sense, or is of something else, is measured again.
      let path = "\(folder)/\(names[0])"
      let text = String(decoding: try fileBytes(path), as: UTF8.self)
      let faults = [
        text.replacing("\"cpu\"", with: "\"cuda\""),
        text.replacing(/"stride" : \[\s*1/, with: "\"stride\" : [ 0"), "{",
      ]
      for fault in faults {
        #expect(fault != text)
        try writeFile(Array(fault.utf8), to: path)
        let repaired = try infer(program, measure + ["--patch", "8"])
        #expect(repaired.status == 0 && repaired.messages.contains("(measured in"), "\(repaired.messages)")
        #expect(try fileBytes(path) != Array(fault.utf8))
      }
    }
  }

  @Test(
    "options that contradict them are refused",
    arguments: [
      (["--align", "4", "--compat", "monai"], "--compat decides where patches begin; leave out --align"),
      (["--align", "4", "--edge", "shift"], "--align pads the scan at its end; leave out --edge"),
      (["--halo", "2", "--overlap", "4"], "--halo decides what neighbors share; leave out --overlap"),
      (["--halo", "2", "--blend", "average"], "--halo uses the middle of each patch; leave out --blend"),
      (["--align", "0"], "--align 0 is not at least 1 voxel"), (["--halo", "none"], "leave the option out"),
      (["--align", "8mm"], "it is a number of voxels"), (["--align", "5"], "use a patch of 5 or 10"),
      (
        ["--halo", "4"],
        "neighbors share 8 voxels, or twice the halo of 4, which leaves no step of 1 in a patch of 8"
      ),
      (["--halo", "2", "--edge", "shift"], "leave out --edge"),
      (["--align", "4", "--mask", "a.nii"], "--align is for whole scans"),
      (["--halo", "2", "--foreground", "positive"], "--halo is for whole scans"),
    ])
  func refused(arguments: [String], message: String) throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      let run = try infer(program, ["--patch", "8"] + arguments)
      #expect(run.status != 0 && run.messages.contains(message), "\(run.messages)")
      #expect(try fileNames(in: program.folder) == ["a.nii"])
    }
  }

  @Test("what the network file says aligns patches, unless other options place them")
  func defaults() throws {
    let defaults = try ModelDefaults { $0 == "voxtile.stride" ? "4" : $0 == "voxtile.halo" ? "6" : nil }
    func settings(_ arguments: String..., isPlaced: Bool = false) throws -> InferenceSettings {
      var settings = InferenceSettings()
      try AlignmentOptions.parse(arguments).apply(
        to: &settings, over: ImageSize(VolumeInfo(extent: Self.extent, scalarType: .uint8)),
        defaults: defaults,
        measured: nil, isPlaced: isPlaced)
      return settings
    }
    #expect(try settings().alignment == PerAxis(4) && settings().overlap == nil)
    #expect(try settings("--align", "none").alignment == nil && settings(isPlaced: true).alignment == nil)
    #expect(try settings("--halo", "measure").overlap == PerAxis(.voxels(12)))
    #expect(try !AlignmentOptions.parse(["--halo", "measure", "--align", "measure"]).mustMeasure(defaults))
    let reach = NetworkReach(stride: PerAxis(4), radius: PerAxis(6))
    let image = ImageSize(VolumeInfo(extent: Self.extent, scalarType: .uint8))
    #expect(
      try AlignmentOptions.parse(["--align", "2", "--halo", "measure"]).contradicts(reach, over: image))
    #expect(
      try AlignmentOptions.parse(["--halo", "5", "--align", "measure"]).contradicts(reach, over: image))
    #expect(try !AlignmentOptions.parse(["--align", "8", "--halo", "6"]).contradicts(reach, over: image))
    #expect(try settings("--align", "2x2x1").alignment == PerAxis(x: 2, y: 2, z: 1))
  }
}
