import Foundation
import Testing
import Voxtile
import VoxtileInference
import VoxtileTestSupport

@testable import VoxtileCLI

/// Whether the program finds ONNX Runtime.
private let canRun = (try? OnnxRuntime.open()) != nil

@Suite("voxtile plan --fit --model: what the network sees")
struct PlanFitScansTests {
  @Test(
    "a scan that infer resamples is planned as it is seen, with the memory of the way back",
    .enabled(if: canRun))
  func resampled() throws {
    try withProgram { program in
      try program.makeImage("a.nii", PlanFit.extent)
      let network = ["a.nii", "--model", PlanFit.model("two_classes"), "--memory", "1GiB"]
      let reach = ["--align", "4", "--halo", "6"]
      let fit = try PlanFit.fit(program, network + ["--patch", "16"] + reach)
      let (best, exact) = (try #require(fit.proposals.first), try #require(fit.exact.first))
      // 50x41x36 voxels of 2x1.5x2.5 mm are 100x62x90 of 1 mm.
      #expect(best.patch == [16, 16, 16] && best.patches == 12 * 7 * 11 && exact.patch == [100, 64, 92])
      #expect(fit.proposals.allSatisfy { $0.loss == 0 })
      let infer = ["infer"] + network + ["-o", "b.nii", "--dry-run", "--patch"]
      let run = try program.run(infer + ["16", "--overlap", "8", "--align", "none"])
      #expect(run.messages.contains("patches  924 of 16x16x16"), "\(run.messages)")
      #expect(run.messages.contains(fit.programMemory(of: best)), "\(run.messages)")
      let whole = try program.run(infer + ["100x64x92"] + reach)
      #expect(whole.messages.contains("patches  1 of 100x64x92"), "\(whole.messages)")
      #expect(whole.messages.contains(fit.programMemory(of: exact)), "\(whole.messages)")

      let text = try program.run(["plan", "--fit", "--patch", "16"] + network + reach)
      let remark =
        "a scan of 2x1.5x2.5 mm is resampled to 1x0.992x1 mm, as infer does it, so patches are of 100x62x90 voxels instead of 50x41x36"
      #expect(text.messages.contains(remark), "\(text.messages)")
      let other = try PlanFit.fit(program, network + ["--patch", "16", "--spacing", "4x3x5"] + reach)
      #expect(other.exact.first?.patch == [28, 20, 20], "\(other)")
      let alone = try program.run(["plan", "a.nii", "--fit", "--memory", "1GiB", "--spacing", "2"])
      #expect(alone.status == 64 && alone.messages.contains("--spacing needs --fit and --model"))
    }
  }

  @Test("the channels of a scan may be several files", .enabled(if: canRun))
  func channels() throws {
    try withProgram { program in
      try FileManager.default.createDirectory(
        atPath: program.path("scans"), withIntermediateDirectories: true)
      for name in ["a_0000", "a_0001", "b_0000", "b_0001"] {
        try program.makeImage("scans/\(name).nii", PlanFit.extent)
      }
      let network = [
        "--model", PlanFit.model("two_channels"), "--memory", "1GiB", "--patch", "16", "--align", "none",
      ]
      let folder = try PlanFit.fit(program, ["scans"] + network)
      #expect(folder.scans == 2)
      let files = ["scans/a_0000.nii", "scans/a_0001.nii"]
      let one = try PlanFit.fit(program, files + ["--as-channels"] + network)
      #expect(one.scans == 1 && one.proposals.map(\.patch) == folder.proposals.map(\.patch))
      let run = try program.run(
        ["infer"] + files + ["--as-channels", "-o", "b.nii", "--dry-run", "--patch", "16", "--overlap", "8"]
          + ["--model", PlanFit.model("two_channels"), "--memory", "1GiB"])
      #expect(run.messages.contains(one.programMemory(of: one.proposals[0])), "\(run.messages)")
      try writeFile(
        Array("case,image,image2\na,scans/a_0000.nii,scans/a_0001.nii\n".utf8), to: program.path("t.csv"))
      #expect(try PlanFit.fit(program, ["--cases", "t.csv"] + network).scans == 1)
      // Without a network each file is a scan.
      #expect(try PlanFit.fit(program, ["scans", "--memory", "1GiB"]).scans == 4)
      let each = try program.run(["plan", "--fit"] + files + network)
      #expect(
        each.status == 1 && each.messages.contains("takes 2 channels")
          && each.messages.contains("the scan has 1"),
        "\(each.messages)")
    }
  }
}
