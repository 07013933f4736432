import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileCases

@Suite("Names of results")
struct ResultNameTests {
  private let scan = ScanCase("s/a", images: ["in/s/a.nii.gz"])

  @Test(
    "a result is called after its scan and the template, in the format of the image where that is written")
  func templates() throws {
    #expect(try ResultName().path(of: scan) == "s/a.nii.gz")
    #expect(try ResultName("{case}_seg").path(of: scan) == "s/a_seg.nii.gz")
    #expect(try ResultName("{case}_seg.mha").path(of: scan) == "s/a_seg.mha")
    #expect(try ResultName("labels/{case}", ending: "nrrd").path(of: scan) == "labels/s/a.nrrd")
    #expect(try ResultName("{case}_seg").path(of: scan, hasEnding: false) == "s/a_seg")
    // JPEG is read only.
    #expect(try ResultName().path(of: ScanCase("b", images: ["b.jpg"])) == "b.nii.gz")
  }

  @Test("a kind is appended where the template does not say where it goes")
  func kinds() throws {
    #expect(try ResultName().path(of: scan, kind: "labels") == "s/a_labels.nii.gz")
    #expect(try ResultName("{kind}/{case}").path(of: scan, kind: "labels") == "labels/s/a.nii.gz")
    #expect(try ResultName("{case}.mha").path(of: scan, kind: "logits") == "s/a_logits.mha")
  }

  @Test("braces in the name of a scan stay what they are")
  func braces() throws {
    let odd = ScanCase("a{kind}{case}", images: ["a.nii"])
    #expect(try ResultName("{case}_seg").path(of: odd) == "a{kind}{case}_seg.nii")
  }

  @Test("templates that are one name for all, hold other words or lead out of the folder are refused")
  func faults() {
    for template in [
      "seg", "", "{kind}", "{case", "{case}{x}", "{case}{", "/tmp/{case}", "../{case}", "a/../{case}",
    ] {
      expectRefusal(.invalidOption, "'\(template)'") { _ = try ResultName(template) }
    }
  }
}
