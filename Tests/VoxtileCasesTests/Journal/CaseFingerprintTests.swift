import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileCases

@Suite("What a result was made with")
struct CaseFingerprintTests {
  private static let digest = String(repeating: "0123456789abcdef", count: 4)
  private static let before = CaseFingerprint(
    program: "voxtile 1", command: "infer", settings: ["--overlap": "0.25", "--mirror": ""],
    tools: ["the engine": "ONNX Runtime 1.20", "network a.onnx": digest], inputs: ["image a.nii": digest])

  /// Why a case is done again after a change.
  private func reason(_ change: (inout CaseFingerprint) -> Void) -> String? {
    var now = Self.before
    change(&now)
    return now.difference(from: Self.before)?.description
  }

  @Test("what is the same gives the same result")
  func same() { #expect(reason { _ in } == nil) }

  @Test("each thing that differs is said, with both values")
  func differences() {
    #expect(reason { $0.settings["--overlap"] = "0.5" } == "--overlap was 0.25 and is 0.5 now")
    #expect(reason { $0.settings["--blend"] = "hann" } == "--blend is hann now")
    #expect(reason { $0.settings["--overlap"] = nil } == "--overlap was 0.25 and is not given now")
    #expect(reason { $0.settings["--mirror"] = nil } == "--mirror was given and is not given now")
    #expect(reason { $0.settings["--sparse"] = "" } == "--sparse is given now")
    #expect(reason { $0.program = "voxtile 2" } == "the program was voxtile 1 and is voxtile 2 now")
    #expect(reason { $0.command = "crop" } == "the command was infer and is crop now")
    #expect(
      reason { $0.tools["the engine"] = "ONNX Runtime 1.21" }
        == "the engine was ONNX Runtime 1.20 and is ONNX Runtime 1.21 now")
    #expect(
      reason { $0.tools["network a.onnx"] = String(Self.digest.reversed()) }
        == "network a.onnx was 0123456789ab... and is fedcba987654... now")
    #expect(reason { $0.inputs["image a.nii"] = "1" } == "image a.nii has changed")
    #expect(reason { $0.inputs["mask m.nii"] = "1" } == "mask m.nii has changed")
    #expect(reason { $0.inputs = [:] } == "image a.nii has changed")
  }

  @Test("of several differences the same one is said each time")
  func first() {
    for _ in 0..<20 {
      let said = reason {
        $0.settings["--zeta"] = "1"
        $0.settings["--alpha"] = "1"
        $0.inputs = [:]
      }
      #expect(said == "--alpha is 1 now")
    }
  }
}
