import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

/// A Python with highdicom, or `nil`.
private let highdicom = OtherProgram.python(with: "highdicom, nibabel")

@Suite("voxtile with DICOM series", .enabled(if: OtherProgram.isThere("dcm2niix"), "needs dcm2niix"))
struct DicomCommandTests {
  /// A folder of the fixtures of VoxtileFormats.
  private func series(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
      .appending(path: "VoxtileFormatsTests/Fixtures/dicom/\(name)").path
  }

  @Test("a folder goes through plan, crop, merge and verify, and the merged file is the series")
  func wholeWay() throws {
    try withProgram { program in
      let folder = series("even")
      let plan = try program("plan", folder, "--patch", "8x8x3", "--overlap", "2")
      #expect(plan.status == 0 && plan.output.contains("12x10x5"), "\(plan)")
      let crop = try program("crop", folder, "--patch", "8x8x3", "--overlap", "2", "-o", "p")
      #expect(crop.status == 0, "\(crop)")
      let merge = try program("merge", "p", "-o", "m.nii.gz")
      #expect(merge.status == 0, "\(merge)")
      let verify = try program("verify", "p", "--against", folder)
      #expect(verify.status == 0, "\(verify)")
      let merged = try ImageFormats.open(program.path("m.nii.gz"))
      let original = try ImageFormats.open(folder)
      #expect(merged.info.metadata.affine == original.info.metadata.affine)
      #expect(try merged.read(as: UInt16.self).voxels == original.read(as: UInt16.self).voxels)
    }
  }

  @Test("--series-number chooses one of several, and the error without it says so")
  func several() throws {
    try withProgram { program in
      let folder = series("several")
      let listed = try program("info", folder)
      #expect(listed.status == 1, "\(listed)")
      let refused = try program("plan", folder, "--patch", "8")
      #expect(
        refused.status == 1
          && refused.messages.contains(
            "the numbers 2, 3; choose one with --series-number, or name one of its files"),
        "\(refused)")
      let info = try program("info", folder, "--series-number", "3", "--json")
      #expect(info.status == 0 && info.output.contains("\"series number\" : \"3\""), "\(info)")
    }
  }

  @Test(
    "labels of a series become a DICOM segmentation of the pixels that they lie on",
    .enabled(if: highdicom != nil, "needs highdicom, which script/bootstrap installs"),
    arguments: ["even", "straight"])
  func segmentation(name: String) throws {
    let python = try #require(highdicom)
    let script = URL(filePath: series("../check_dicom_segmentation.py")).standardizedFileURL.path
    let example = URL(filePath: script).deletingLastPathComponent().appending(
      path: "../../../Examples/dicom_segmentation.py"
    ).standardizedFileURL.path
    try withProgram { program in
      // The fixtures have no frame of reference.
      _ = try OtherProgram.output(of: python, [script, "prepare", series(name), program.path("series")])
      let convert = try program("convert", "series", "scan.nii.gz")
      #expect(convert.status == 0, "\(convert)")
      _ = try OtherProgram.output(
        of: python, [script, "labels", program.path("scan.nii.gz"), program.path("labels.nii.gz")])
      _ = try OtherProgram.output(
        of: python,
        [
          example, program.path("series"), program.path("labels.nii.gz"), program.path("labels.dcm"),
          "--name",
          "3=soft",
        ])
      let found = try OtherProgram.output(
        of: python, [script, "check", program.path("series"), program.path("labels.dcm")])
      #expect(String(decoding: found, as: UTF8.self) == "soft, label 7: 5 images agree\n")
    }
  }
}
