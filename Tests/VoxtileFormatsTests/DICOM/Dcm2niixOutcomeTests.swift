import Testing
import Voxtile

@testable import VoxtileFormats

@Suite("What dcm2niix says")
struct Dcm2niixOutcomeTests {
  @Test("series are told by their keys, their numbers by the names that images would get")
  func listing() {
    let output = """
      Chris Rorden's dcm2niiX version v1.0.20220720
      Found 22 DICOM file(s)
      Slices not stacked: orientation varies
      \t384828930\t/scratch/2_i00001
       mix/a 1
      \t384828930\t/scratch/2_i00003
       mix/b
      \t1839958145\t/scratch/2
       mix/c
      \t3193015800\t/scratch/10_e1
       mix/d
      \tno number\t/scratch/1
      \t12
      Conversion required 0.02 seconds
      """
    #expect(
      DicomSeries.listed(in: output) == [
        DicomSeries(key: "1839958145", number: 2), DicomSeries(key: "384828930", number: 2),
        DicomSeries(key: "3193015800", number: 10),
      ])
    #expect(DicomSeries.listed(in: "").isEmpty)
  }

  private func message(_ images: [String], _ output: String = "", status: Int32 = 0) -> String {
    let outcome = Dcm2niixOutcome(images: images, output: output, status: status)
    let error = #expect(throws: VoxtileError.self) { try outcome.image() }
    #expect(error?.code == .unsupportedFormat)
    return error?.message ?? ""
  }

  @Test("one image is the series; none, several and half ones are refused with the reason")
  func images() throws {
    #expect(try Dcm2niixOutcome(images: ["4.nii"], output: "", status: 0).image() == "4.nii")
    #expect(message([]).contains("holds no image"))
    #expect(message(["4.nii"], status: 139).contains("is not converted whole: dcm2niix ends with status 139"))
    #expect(message(["4_e1.nii", "4_e2.nii", "4.nii"]).contains("holds 3 images (e1, e2, the plain one)"))
    #expect(message(["4.nii", "4_Eq_1.nii"]).contains("uneven distances"))
    let words = "Warning: Interslice distance varies in this volume\nWarning: Missing images? Expected 4"
    #expect(
      message(["4.nii"], words, status: 1).contains(
        "uneven distances, so it is no volume; slices seem to be missing"))
    #expect(
      message(["1.nii", "2.nii"], "Slices not stacked: orientation varies (vNav)").contains(
        "different orientations"))
    #expect(
      message(["4.nii"], "Warning: Note these images have gantry tilt of 15").contains("does not correct it"))
    let tilted = Dcm2niixOutcome(images: ["4.nii", "4_Tilt_1.nii"], output: "", status: 0)
    #expect(try tilted.image() == "4_Tilt_1.nii" && tilted.notes.count == 1)
  }

  @Test("warnings are noted in other words, without what they repeat of the files")
  func notes() {
    func notes(_ output: String) -> [String] {
      Dcm2niixOutcome(images: ["4.nii"], output: output, status: 0).notes
    }
    #expect(notes("Warning: Unable to determine manufacturer (0008,0070), so ...").isEmpty)
    #expect(
      notes("Warning: Missing images? Expected 4 images").first?.contains("slices at an end may be missing")
        == true)
    let others = notes("Warning: weird thing about Secret^Person\nWarning: another\n")
    #expect(others == ["is doubtful to dcm2niix, which prints 2 warnings about it; run it to see more"])
  }
}
