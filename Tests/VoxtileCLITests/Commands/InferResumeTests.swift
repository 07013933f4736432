import Foundation
import Testing
import Voxtile
import VoxtileInference
import VoxtileTestSupport

/// Whether the program finds ONNX Runtime.
private let canRun = (try? OnnxRuntime.open()) != nil

/// `voxtile infer --resume` of one scan.
@Suite(
  "voxtile infer: one scan again",
  .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
struct InferResumeTests {
  private static let extent = Extent(width: 10, height: 9, depth: 8)

  @Test(
    "with --resume a finished result stays, and is made again where something is not as it was, with the reason"
  )
  func resumed() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      let arguments = [
        "infer", "a.nii", "--model", model("identity"), "--patch", "8", "-o", "b.nii", "--resume",
      ]
      #expect(try program.run(arguments).status == 0)
      let first = try fileBytes(program.path("b.nii.voxtile.json"))
      let again = try program.run(arguments)
      #expect(
        again.status == 0 && (again.output + again.messages).contains("was finished before"), "\(again)")
      #expect(try fileBytes(program.path("b.nii.voxtile.json")) == first)
      func isMade(_ arguments: [String], since reason: String) throws {
        let run = try program.run(arguments)
        #expect(run.status == 0 && run.messages.contains("since \(reason)"), "\(run)")
        let next = try program.run(arguments)
        #expect((next.output + next.messages).contains("was finished before"), "\(next)")
      }
      try isMade(arguments + ["--overlap", "2"], since: "the settings are others")
      try isMade(
        [
          "infer", "a.nii", "--model", model("convolution"), "--patch", "8", "-o", "b.nii", "--resume",
          "--overlap", "2",
        ],
        since: "the network is another one")
      let bytes = try fileBytes(program.path("b.nii"))
      try writeFile(bytes.dropLast() + [77], to: program.path("b.nii"))
      try isMade(
        [
          "infer", "a.nii", "--model", model("convolution"), "--patch", "8", "-o", "b.nii", "--resume",
          "--overlap", "2",
        ],
        since: "b.nii was changed since")
      #expect(try fileBytes(program.path("b.nii")) == bytes)
      try FileManager.default.removeItem(atPath: program.path("a.nii"))
      try program.makeImage("a.nii", Self.extent, limit: 7)
      try isMade(
        [
          "infer", "a.nii", "--model", model("convolution"), "--patch", "8", "-o", "b.nii", "--resume",
          "--overlap", "2",
        ],
        since: "the scan or the mask is another one")
      // What has no record is not this program's.
      try FileManager.default.removeItem(atPath: program.path("b.nii.voxtile.json"))
      #expect(try program.run(arguments).status == 1)
    }
  }
}
