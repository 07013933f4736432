import Foundation
import Testing
import Voxtile
import VoxtileInference
import VoxtileStore
import VoxtileTestSupport

@testable import VoxtileCLI

@Suite("voxtile plan --fit")
struct PlanFitTests {
  @Test("each proposal is what plan says of that grid", arguments: ["shift", "discard", "pad"])
  func proposals(edge: String) throws {
    try withProgram { program in
      try program.makeImage("a.nii", PlanFit.extent)
      let limits = ["--memory", "60MiB", "--jobs", "2", "--edge", edge]
      let fit = try PlanFit.fit(program, ["a.nii", "--patch", "24", "--multiple-of", "8"] + limits)
      #expect(fit.scans == 1 && fit.proposals.map(\.rank) == Array(1...5))
      #expect(fit.proposals[0].patch == [24, 24, 24] && fit.proposals[0].seconds == nil)
      for proposal in fit.proposals {
        let text = { (sizes: [Int]) in sizes.map(String.init).joined(separator: "x") }
        let run = try program.run(
          ["plan", "a.nii", "--json", "--patch", text(proposal.patch), "--overlap", text(proposal.overlap)]
            + limits)
        let plan = try run.json(PlanFit.Plan.self)
        #expect(plan.patches == proposal.patches && plan.lostVoxels == proposal.lostVoxels)
        #expect(proposal.lostVoxels == 0 && plan.redundancy == proposal.redundancy)
        #expect(max(plan.cropMemory.peakBytes, plan.mergeMemory.peakBytes) == proposal.peakBytes)
      }
    }
  }

  @Test("the table has a line a proposal, and --edge discard says what loses nothing")
  func table() throws {
    try withProgram { program in
      try program.makeImage("a.nii", PlanFit.extent)
      let run = try program(
        "plan", "a.nii", "--fit", "--patch", "20", "--keep", "patch", "--edge", "discard", "--multiple-of",
        "4")
      #expect(run.status == 0)
      let lines = run.output.split(separator: "\n")
      #expect(lines.count == 7 && lines[0].hasPrefix("1 scan of 50x41x36, for crop and merge, edge discard"))
      #expect(lines[1].hasPrefix("rank  patch     overlap"))
      // 30 = 3 x 10 or 2 x 15, 21 = 1 x 21 > 20 or 3 x 7, 16 = 1 x 16.
      #expect(lines[2].hasPrefix("1     20x20x20  5x13x4 ") && lines[2].contains("the patch as given"))
      #expect(
        run.messages.contains("with --edge discard, --patch 20x20x20 --overlap 5x13x4 loses nothing"))
    }
  }

  @Test("where --edge discard takes far more patches than --edge shift, that is said")
  func manyPatches() throws {
    try withProgram { program in
      // With one overlap for both, 47 and 33 voxels are covered only by steps of 1.
      for (name, width) in [("a.nii", 49), ("b.nii", 50), ("c.nii", 64)] {
        try program.makeImage(name, Extent(width: width, height: 32, depth: 16))
      }
      let scans = ["a.nii", "b.nii", "c.nii", "--patch", "16", "--overlap", "0", "--keep", "patch"]
      let discard = try program.run(["plan", "--fit", "--edge", "discard"] + scans)
      #expect(discard.status == 0 && discard.output.contains("16x16x16  15x0x0"), "\(discard.output)")
      #expect(discard.messages.contains("--edge shift loses nothing with 8 patches"), "\(discard.messages)")
      let wide = try program.run(["plan", "--fit", "--edge", "discard"] + scans.dropFirst(2))
      #expect(wide.status == 0 && !wide.messages.contains("--edge shift"), "\(wide.messages)")
    }
  }

  @Test("where something is lost whatever is chosen, that is said")
  func loss() throws {
    try withProgram { program in
      try program.makeImage("a.nii", PlanFit.extent)
      let run = try program(
        "plan", "a.nii", "--fit", "--patch", "20", "--keep", "patch", "--keep", "overlap", "--overlap", "0",
        "--edge", "discard")
      #expect(run.status == 0)
      // 40 x 40 x 20 of 50 x 41 x 36 voxels are in a patch.
      #expect(run.output.contains("41,800") && run.output.contains("the overlap as given"), "\(run.output)")
      #expect(run.messages.contains("no grid that is possible here loses nothing; --edge shift does"))
    }
  }

  @Test("a folder of scans gets one grid that holds for all")
  func folder() throws {
    try withProgram { program in
      try FileManager.default.createDirectory(
        atPath: program.path("scans"), withIntermediateDirectories: true)
      try program.makeImage("scans/a.nii", PlanFit.extent)
      try program.makeImage("scans/b.nii.gz", Extent(width: 33, height: 60, depth: 40))
      try program.makeImage("scans/c.nii", PlanFit.extent)
      try Data().write(to: URL(filePath: program.path("scans/notes.txt")))
      try FileManager.default.createDirectory(
        atPath: program.path("scans/old.nii.gz"), withIntermediateDirectories: true)
      let all = try PlanFit.fit(program, ["scans", "--memory", "1GiB"])
      #expect(all.scans == 3 && all.proposals[0].patch == [32, 32, 32])
      let listed = try PlanFit.fit(program, ["scans/a.nii", "scans/b.nii.gz", "--memory", "1GiB"])
      #expect(listed.scans == 2 && listed.proposals[0].patches == all.proposals[0].patches)
      let text = try program("plan", "scans", "--fit", "--memory", "1GiB")
      #expect(text.output.hasPrefix("3 scans of 33x41x36 to 50x60x40, "))
    }
  }

  @Test("a folder may have more scans than files can be open, and those of one size count once")
  func manyScans() throws {
    try withProgram { program in
      let folder = program.path("scans")
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for number in 0..<100 {
        var volume = Volume<UInt8>(extent: Extent(32))
        let spacing = 1 + Double(number) / 256
        volume.metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(x: 1, y: spacing, z: 1)))
        try volume.write(to: "\(folder)/\(number).nii")
      }
      let run = try program.shell(
        "ulimit -n 64 && exec \"$0\" \"$@\"", ["plan", "scans", "--fit", "--json", "--memory", "1GiB"]
      ).wait()
      #expect(run.status == 0, "\(run.messages)")
      let fit = run.status == 0 ? try run.json(PlanFit.Fit.self) : nil
      #expect(fit?.scans == 100 && fit?.proposals[0].patch == [32, 32, 32])
      let kinds = try FitScans([folder], search: SearchOptions.parse([])).kinds { GridFit.Scan($0) }
      #expect(kinds.count == 1 && kinds[0].scan.count == 100 && kinds[0].scan.spacing.x == 1)
      #expect(abs(kinds[0].scan.spacing.y - 1 - 99.0 / 512) < 1e-6)
    }
  }

  @Test("a size without a file is proposed for as a compressed float32 scan; a network needs a file")
  func size() throws {
    try withProgram { program in
      let run = try program("plan", "70x50x40", "--fit", "--memory", "64MiB", "--json")
      let bare = try run.json(PlanFit.Fit.self)
      try Volume<Float>(extent: Extent(width: 70, height: 50, depth: 40)).write(to: program.path("a.nii.gz"))
      let file = try PlanFit.fit(program, ["a.nii.gz", "--memory", "64MiB"])
      #expect(bare.proposals.map(\.patch) == file.proposals.map(\.patch) && !bare.proposals.isEmpty)
      #expect(run.messages.contains("70x50x40 is taken as a size, as there is no file of that name"))
      let both = try program("plan", "70x50x40", "512,512", "--fit", "--memory", "64MiB")
      #expect(both.status == 64 && both.messages.contains("one patch cannot be 2D and 3D"))
      let model = try program("plan", "70x50x40", "--fit", "--memory", "64MiB", "--model", "net.onnx")
      #expect(model.status == 64 && model.messages.contains("70x50x40 is a size; name a file"))
    }
  }

  @Test("scans in folders inside the folder count with --recursive")
  func recursive() throws {
    try withProgram { program in
      try FileManager.default.createDirectory(
        atPath: program.path("scans/inner"), withIntermediateDirectories: true)
      for name in ["scans/a.nii", "scans/inner/b.nii"] { try program.makeImage(name, Extent(20)) }
      let (flat, deep) = (
        try PlanFit.fit(program, ["scans", "--memory", "1GiB"]),
        try PlanFit.fit(program, ["scans", "--recursive", "--memory", "1GiB"])
      )
      #expect(flat.scans == 1 && deep.scans == 2)
    }
  }

  @Test("the largest patch is even in mm, and an image has no depth")
  func largest() throws {
    try withProgram { program in
      // 2 x 1.5 x 2.5 mm.
      try program.makeImage("a.nii", PlanFit.extent)
      let best = try PlanFit.fit(program, ["a.nii", "--memory", "1GiB", "--multiple-of", "4"]).proposals[0]
      #expect(best.patch == [48, 40, 36] && best.reason.hasPrefix("the largest patch that fits"))
      try program.makeImage("b.png", Extent(width: 70, height: 40), as: UInt8.self, limit: 255)
      let planar = try PlanFit.fit(program, ["b.png", "--memory", "1GiB"]).proposals[0]
      #expect(planar.patch == [64, 32, 1] && planar.overlap == [16, 8, 0])
    }
  }

  @Test("an overlap that is longer than the patch is not called the preferred one")
  func longOverlap() throws {
    try withProgram { program in
      try program.makeImage("a.nii", PlanFit.extent)
      let fit = try PlanFit.fit(program, ["a.nii", "--patch", "8", "--multiple-of", "8", "--overlap", "30"])
      #expect(fit.proposals[0].overlap == [7, 7, 7])
      #expect(fit.proposals[0].reason.hasSuffix("the nearest overlap that loses nothing"))
    }
  }

  @Test("patches of one voxel have as many axes as the scan")
  func singleVoxels() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(4))
      let run = try program("plan", "a.nii", "--fit", "--patch", "1", "--keep", "patch")
      #expect(run.output.contains("\n1     1x1x1  0x0x0    64 "), "\(run.output)")
      try program.makeImage("b.png", Extent(width: 7, height: 4), as: UInt8.self, limit: 255)
      let flat = try program("plan", "b.png", "--fit", "--patch", "4", "--edge", "pad")
      #expect(flat.output.hasPrefix("1 scan of 7x4, for crop and merge, edge pad\n"), "\(flat.output)")
    }
  }

  @Test(
    "on a narrow terminal the reasons have lines of their own",
    .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/script"), "needs script of util-linux"))
  func narrow() throws {
    try withProgram { program in
      try program.makeImage("a.nii", PlanFit.extent)
      for (columns, isNarrow) in [(80, true), (160, false)] {
        let run = try program.shell(
          "/usr/bin/script -qec \"stty cols \(columns); '$0' plan a.nii --fit --patch 16\" /dev/null", []
        ).wait()
        let lines = run.output.split(whereSeparator: \.isNewline)
        #expect(lines.dropFirst().allSatisfy { $0.count <= columns }, "\(run.output)")
        #expect(lines.contains("      the patch asked for, the preferred overlap") == isNarrow)
      }
    }
  }

  @Test(
    "what contradicts itself is wrong usage",
    arguments: [
      (["--multiple-of", "8", "--patch", "8"], "--multiple-of needs --fit"),
      (["--keep", "patch", "--patch", "8"], "--keep needs --fit"),
      (["--onnxruntime", "lib", "--patch", "8"], "--onnxruntime needs --fit and --model"),
      (["--fit", "--onnxruntime", "lib", "--patch", "8"], "--onnxruntime needs --fit and --model"),
      (["--fit"], "--fit needs --memory, or --patch"),
      (["--fit", "--keep", "patch", "--memory", "1GiB"], "--keep patch needs --patch"),
      (
        ["--fit", "--keep", "patch", "--patch", "24", "--multiple-of", "16"], "which is not a multiple of 16"
      ),
      (["--fit", "--keep", "patch", "--patch", "24", "--overlap", "24"], "overlap 24 along x must be"),
      (["--fit", "--patch", "8", "--axes", "xyz"], "need --fit and --model"),
      (["--fit", "--patch", "8", "--report", "p.html"], "--report shows one grid"),
      (["b.png", "--fit", "--patch", "8"], "one patch cannot be 2D and 3D"),
    ])
  func usage(arguments: [String], message: String) throws {
    try withProgram { program in
      try program.makeImage("a.nii", PlanFit.extent)
      try program.makeImage("b.png", Extent(width: 70, height: 40), as: UInt8.self, limit: 255)
      let run = try program.run(["plan", "a.nii"] + arguments)
      #expect(run.status == 64 && run.messages.contains(message), "\(run.messages)")
    }
  }

  @Test("what does not fit is exit status 1")
  func doesNotFit() throws {
    try withProgram { program in
      try program.makeImage("a.nii", PlanFit.extent)
      let small = try program("plan", "a.nii", "--fit", "--memory", "1MiB")
      #expect(small.status == 1 && small.messages.contains("no patch and overlap fits the memory"))
      // What is said to be needed is, and a MiB less is not enough.
      let needed = try #require(
        small.messages.firstMatch(of: #/([0-9]+) MiB would be enough/#).flatMap { Int($0.1) })
      #expect(try program("plan", "a.nii", "--fit", "--memory", "\(needed)MiB").status == 0)
      let less = try program("plan", "a.nii", "--fit", "--memory", "\(needed - 1)MiB")
      #expect(less.status == 1 && less.messages.contains("\(needed) MiB would be enough"), "\(less.messages)")
      let thick = try program("plan", "a.nii", "--fit", "--memory", "1GiB", "--multiple-of", "64")
      #expect(thick.status == 1 && thick.messages.contains("no multiple of 64 fits the width of 50"))
    }
  }
}
