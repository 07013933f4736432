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
        program,
        ["a.nii", "--model", PlanFit.model("flat"), "--align", "none", "--patch", "16", "--memory", "1GiB"])
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
        [
          "a.nii", "--model", PlanFit.model("scale_shift"), "--memory", "120MiB", "--multiple-of", "8",
          "--align", "none",
        ])
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
      #expect(run.messages.contains(free.programMemory(of: best)), "\(run.messages)")

      let other = try program.run([
        "plan", "a.nii", "--fit", "--model", PlanFit.model("fixed"), "--patch", "31", "--memory", "1GiB",
      ])
      #expect(other.status == 64 && other.messages.contains("the network takes patches of"))
    }
  }

  @Test(
    "patches that equal the whole scan are proposed, with the labels that others change", .enabled(if: canRun)
  )
  func exact() throws {
    try withProgram { program in
      try program.makeImage("a.nii", PlanFit.extent)
      let reach = ["--align", "4", "--halo", "6"]
      let network = [
        "a.nii", "--model", PlanFit.model("two_classes"), "--memory", "1GiB", "--spacing", "keep",
      ]
      let fit = try PlanFit.fit(program, network + ["--patch", "16"] + reach)
      #expect(fit.reach?.stride == [4, 4, 4] && fit.reach?.radius == [6, 6, 6])
      let best = try #require(fit.exact.first)
      #expect(best.patch == [52, 44, 36] && best.patches == 1 && best.loss == 0 && best.lostVoxels == 0)
      #expect(best.reason == "equals the whole scan")
      // What a network gives of a voxel depends on that voxel alone, so nothing differs.
      #expect(fit.proposals.allSatisfy { $0.loss == 0 && $0.alignedLoss == 0 })
      let kept = try PlanFit.fit(program, network + ["--patch", "16", "--keep", "patch"] + reach)
      let only = try #require(kept.exact.first)
      #expect(kept.exact.count == 1 && only.patch == [16, 16, 16])
      let run = try program.run(
        [
          "infer", "a.nii", "--model", PlanFit.model("two_classes"), "--dry-run", "-o", "b.nii", "--patch",
          "16", "--spacing", "keep",
        ]
          + reach)
      #expect(run.messages.contains("patches  \(only.patches) of 16x16x16"), "\(run.messages)")

      let text = try program.run(["plan", "--fit", "--patch", "16"] + network + reach)
      #expect(text.output.contains("\nexact  52x44x36"), "\(text.output)")
      #expect(
        text.messages.contains(
          "--patch 52x44x36 --align 4 --halo 6 predicts 1.1 times the scan instead of"), "\(text.messages)")
      #expect(!text.messages.contains("resampled"), "\(text.messages)")
      let short = try program.run(
        ["plan", "--fit", "--patch", "16", "--keep", "patch", "--align", "4", "--halo", "8"] + network)
      #expect(
        short.messages.contains("they have to be longer than 16x16x16 voxels, or to cover the scan"),
        "\(short.messages)")
    }
  }

  @Test("scans of different shapes get one patch that is exact for all", .enabled(if: canRun))
  func exactForAll() throws {
    try withProgram { program in
      try FileManager.default.createDirectory(
        atPath: program.path("scans"), withIntermediateDirectories: true)
      try program.makeImage("scans/a.nii", Extent(width: 12, height: 60, depth: 12))
      try program.makeImage("scans/b.nii", Extent(width: 40, height: 20, depth: 40))
      let reach = ["--align", "4", "--halo", "9"]
      let network = ["--model", PlanFit.model("two_classes"), "--spacing", "keep"]
      let fit = try PlanFit.fit(program, ["scans", "--patch", "12", "--memory", "1GiB"] + reach + network)
      let best = try #require(fit.exact.first)
      #expect(best.patch == [40, 60, 40] && best.patches == 1)
      for grid in fit.exact {
        let patch = grid.patch.map(String.init).joined(separator: "x")
        let counts = try ["a", "b"].map { name in
          let run = try program.run(
            [
              "infer", "scans/\(name).nii", "-o", "\(name).nii", "--dry-run", "--patch", patch,
            ]
              + reach + network)
          #expect(run.status == 0, "\(patch): \(run.messages)")
          return try #require(
            run.messages.firstMatch(of: #/patches  ([0-9]+) of/#).flatMap { Int($0.1) }, "\(run.messages)")
        }
        #expect(counts.max() == grid.patches, "\(patch)")
      }
      let multiple = try PlanFit.fit(
        program,
        ["scans/b.nii", "--patch", "16", "--multiple-of", "16", "--memory", "1GiB"] + reach + network)
      #expect(
        multiple.exact.first?.patch == [48, 32, 48] && multiple.reach?.options == "--align 16 --halo 9")
    }
  }

  @Test("where the loss cannot be told, that is said and the proposals stay", .enabled(if: canRun))
  func noLoss() throws {
    try withProgram { program in
      try program.makeImage("a.nii", PlanFit.extent)
      var scan = Volume<Float>(extent: PlanFit.extent)
      scan.metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(1)))
      scan[x: 25, y: 20, z: 18] = .nan
      try scan.write(to: program.path("nan.nii"))
      for (file, name, more) in [
        ("nan.nii", "convolution", []), ("a.nii", "pool", []),
        ("a.nii", "two_classes", ["--edge", "partial", "--overlap", "0", "--keep", "overlap"]),
      ] {
        let run = try program.run(
          [
            "plan", file, "--fit", "--json", "--model", PlanFit.model(name), "--patch", "16", "--memory",
            "1GiB",
            "--align", "4", "--halo", "3",
          ] + more)
        #expect(run.status == 0, "\(name): \(run.messages)")
        #expect(
          run.messages.contains("how many labels patches change is not predicted"), "\(name): \(run.messages)"
        )
        let fit = try run.json(PlanFit.Fit.self)
        #expect(!fit.proposals.isEmpty && fit.proposals.allSatisfy { $0.loss == nil }, "\(name)")
      }
      let useless = try program(
        "plan", "a.nii", "--fit", "--patch", "16", "--model", PlanFit.model("two_classes"), "--align", "none",
        "--halo", "8")
      #expect(useless.status == 64 && useless.messages.contains("so --halo has no use"), "\(useless)")
    }
  }

  @Test("how far a network looks is measured, unless --align none", .enabled(if: canRun))
  func measuredReach() throws {
    try withProgram { program in
      try program.makeImage("a.nii", PlanFit.extent)
      func fit(_ name: String, _ options: [String] = []) throws -> Program.Run {
        try program.run(
          [
            "plan", "a.nii", "--fit", "--json", "--model", PlanFit.model(name), "--patch", "16", "--memory",
            "1GiB",
          ]
            + options)
      }
      let measured = try fit("two_classes")
      #expect(
        measured.messages.contains("reach    total stride 1, receptive radius 0"), "\(measured.messages)")
      #expect(try measured.json(PlanFit.Fit.self).reach?.options == "--align 1 --halo 0")
      let none = try fit("two_classes", ["--align", "none"])
      #expect(try none.json(PlanFit.Fit.self).exact.isEmpty && !none.messages.contains("reach"))
      let global = try fit("convolution")
      #expect(
        global.status == 0 && global.messages.contains("reach    none: how far the network looks cannot be"),
        "\(global.messages)")
      let plan = try global.json(PlanFit.Fit.self)
      #expect(plan.reach == nil && plan.exact.isEmpty && plan.proposals.allSatisfy { $0.loss == nil })
    }
  }

  @Test("patches that do not fit the memory of a network are passed over", .enabled(if: canRun))
  func largeNetworkPatches() throws {
    try withProgram { program in
      try Volume<UInt8>(extent: Extent(width: 512, height: 512, depth: 128)).write(to: program.path("a.nii"))
      // A batch of the largest patch is 128 MiB.
      let scan = [
        "a.nii", "--model", PlanFit.model("scale_shift"), "--align", "none", "--multiple-of", "64x64x128",
      ]
      let none = try program.run(["plan", "--fit", "--memory", "126MiB"] + scan)
      let needed = try #require(
        none.messages.firstMatch(of: #/fits the memory, ([0-9]+) MiB would be enough/#).flatMap { Int($0.1) },
        "\(none.messages)")
      // What the network takes itself is measured, and not the same each time.
      let limit = needed + needed / 2
      let fit = try PlanFit.fit(program, scan + ["--memory", "\(limit)MiB"])
      #expect(fit.proposals[0].peakBytes <= limit << 20)
      #expect(fit.proposals[0].patch.reduce(1, *) < 512 * 512 * 128)
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
          "--align", "none",
        ]
        let patch = ["a.nii", "--patch", "24x16x8", "--keep", "patch"]
        let fit = try PlanFit.fit(program, patch + network)
        let best = try #require(fit.proposals.first)
        let run = try program.run(
          ["infer", "a.nii", "--dry-run", "-o", "b.nii", "--patch", "24x16x8", "--overlap", "12x8x4"]
            + network)
        #expect(
          run.status == 0 && best.patch == [24, 16, 8] && best.overlap == [12, 8, 4], "\(run.messages)")
        #expect(run.messages.contains("patches  \(best.patches) of"), "\(orientation): \(run.messages)")
        #expect(run.messages.contains(fit.programMemory(of: best)), "\(run.messages)")
      }
      let text = try program(
        "plan", "a.nii", "--fit", "--model", PlanFit.model("scale_shift"), "--patch", "16", "--memory",
        "1GiB",
        "--orientation", "SPL", "--align", "none")
      #expect(text.output.contains("sees them in SPL, within 1 GiB, "))
    }
  }
}
