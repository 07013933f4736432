import Foundation
import Testing
import Voxtile
import VoxtileInference
import VoxtileStore
import VoxtileTestSupport

@testable import VoxtileCLI

/// Whether the program finds ONNX Runtime.
private let canRun = (try? OnnxRuntime.open()) != nil

@Suite("voxtile plan --fit --model")
struct PlanFitNetworkTests {
  @Test("a network of slices gets patches of one slice, a fixed one its own", .enabled(if: canRun))
  func otherNetworks() throws {
    try withProgram { program in
      try program.makeImage("a.nii", PlanFit.extent)
      let flat = try PlanFit.fit(
        program, ["a.nii", "--model", PlanFit.model("flat"), "--patch", "16", "--memory", "1GiB"])
      #expect(flat.proposals[0].patch == [16, 16, 1] && flat.proposals[0].overlap == [8, 8, 0])
      #expect(flat.proposals[0].patches == 6 * 5 * 36)
      let fixed = try PlanFit.fit(program, ["a.nii", "--model", PlanFit.model("fixed")])
      #expect(Set(fixed.proposals.map(\.patch)) == [[4, 3, 2]] && fixed.proposals.count == 5)
    }
  }

  @Test("the network's own patch, time and number of classes are used", .enabled(if: canRun))
  func network() throws {
    try withProgram { program in
      try program.makeImage("a.nii", PlanFit.extent)
      let free = try PlanFit.fit(
        program,
        ["a.nii", "--model", PlanFit.model("scale_shift"), "--memory", "120MiB", "--multiple-of", "8"])
      let best = try #require(free.proposals.first)
      #expect(best.seconds.map { $0 > 0 } == true)
      #expect(best.overlap == best.patch.map { $0 / 2 })
      let size = { (sizes: [Int]) in sizes.map(String.init).joined(separator: "x") }
      let run = try program.run([
        "infer", "a.nii", "--model", PlanFit.model("scale_shift"), "--dry-run", "-o", "b.nii", "--memory",
        "120MiB",
        "--patch", size(best.patch), "--overlap", size(best.overlap),
      ])
      #expect(run.status == 0 && run.messages.contains("patches  \(best.patches) of \(size(best.patch))"))
      let mebibytes = (Double(best.peakBytes) / 104857.6).rounded() / 10
      #expect(run.messages.contains("\(mebibytes) MiB and the network's own"), "\(run.messages)")

      let other = try program.run([
        "plan", "a.nii", "--fit", "--model", PlanFit.model("fixed"), "--patch", "31", "--memory", "1GiB",
      ])
      #expect(other.status == 64 && other.messages.contains("the network takes patches of"))
    }
  }

  @Test("patches that do not fit the memory of a network are passed over", .enabled(if: canRun))
  func largeNetworkPatches() throws {
    try withProgram { program in
      try Volume<UInt8>(extent: Extent(width: 512, height: 512, depth: 128)).write(to: program.path("a.nii"))
      // A batch of the largest patch is 128 MiB.
      let scan = ["a.nii", "--model", PlanFit.model("scale_shift"), "--multiple-of", "64x64x128"]
      let none = try program.run(["plan", "--fit", "--memory", "126MiB"] + scan)
      let needed = try #require(
        none.messages.firstMatch(of: #/fits the memory, ([0-9]+) MiB would be enough/#).flatMap { Int($0.1) },
        "\(none.messages)")
      let fit = try PlanFit.fit(program, scan + ["--memory", "\(needed)MiB"])
      #expect(fit.proposals[0].patch == [64, 64, 128] && fit.proposals[0].peakBytes <= needed << 20)
    }
  }

  @Test("patches lie along the axes of the network's image, however the scan is stored", .enabled(if: canRun))
  func orientation() throws {
    try withProgram { program in
      // LPS, from right to left and from back to front.
      try program.makeImage("a.nii", PlanFit.extent)
      for orientation in ["RAS", "SPL", "source"] {
        let network = [
          "--model", PlanFit.model("scale_shift"), "--orientation", orientation, "--memory", "1GiB",
        ]
        let fit = try PlanFit.fit(
          program, ["a.nii", "--patch", "24x16x8", "--keep", "patch", "--edge", "shift"] + network)
        let best = try #require(fit.proposals.first)
        let run = try program.run(
          ["infer", "a.nii", "--dry-run", "-o", "b.nii", "--patch", "24x16x8", "--overlap", "12x8x4"]
            + network)
        #expect(
          run.status == 0 && best.patch == [24, 16, 8] && best.overlap == [12, 8, 4], "\(run.messages)")
        #expect(run.messages.contains("patches  \(best.patches) of"), "\(orientation): \(run.messages)")
        let mebibytes = (Double(best.peakBytes) / 104857.6).rounded() / 10
        #expect(run.messages.contains("\(mebibytes) MiB and the network's own"), "\(run.messages)")
      }
      let text = try program(
        "plan", "a.nii", "--fit", "--model", PlanFit.model("scale_shift"), "--patch", "16", "--memory",
        "1GiB",
        "--orientation", "SPL")
      #expect(text.output.contains("sees them in SPL, within 1 GiB and what the network takes, edge shift"))
    }
  }
}
