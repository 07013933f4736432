import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@Suite("voxtile plan")
struct PlanCommandTests {
  private struct Plan: Decodable {
    struct Loss: Decodable {
      let axis: String
      let from: Int
      let to: Int
      let millimeters: Double
      let losslessOverlap: Int?
    }
    let extent: [Int]
    let patch: [Int]
    let overlap: [Int]
    let stride: [Int]
    let starts: [String: [Int]]
    let patches: Int
    let coveredVoxels: Int
    let lostVoxels: Int
    let redundancy: Double
    let outputBytes: Int
    let edge: [String]
    let lost: [Loss]
  }

  private func plan(_ program: Program, _ arguments: String...) throws -> Plan {
    let run = try program.run(["plan"] + arguments + ["--json"])
    #expect(run.status == 0, "\(run.messages)")
    return try run.json(Plan.self)
  }

  private static let extent = Extent(width: 20, height: 18, depth: 16)

  @Test("JSON has what a program needs")
  func json() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Self.extent)
      let plan = try plan(
        program, "a.nii.gz", "--patch", "8x8x10", "--overlap", "2x4x50%", "--edge", "discard")
      #expect(plan.extent == [20, 18, 16] && plan.patch == [8, 8, 10])
      #expect(plan.overlap == [2, 4, 5] && plan.stride == [6, 4, 5])
      #expect(plan.starts == ["x": [0, 6, 12], "y": [0, 4, 8], "z": [0, 5]])
      #expect(plan.patches == 18 && plan.edge == ["discard", "discard", "discard"])
      #expect(plan.coveredVoxels == 20 * 16 * 15 && plan.lostVoxels == 20 * 18 * 16 - 20 * 16 * 15)
      #expect(plan.outputBytes == 18 * 640 * 2)
      #expect(abs(plan.redundancy - 18 * 640 / 5760) < 1e-12)
      #expect(plan.lost.map(\.axis) == ["y", "z"] && plan.lost.map(\.from) == [16, 15])
      #expect(plan.lost.map(\.to) == [18, 16] && plan.lost.map(\.millimeters) == [3, 2.5])
      #expect(plan.lost.map(\.losslessOverlap) == [3, 4])
    }
  }

  @Test("small numbers are not printed as nothing")
  func smallNumbers() throws {
    try withProgram { program in
      var volume = Volume<UInt8>(extent: Extent(width: 401, height: 400))
      volume.metadata = VolumeMetadata(
        affine: Affine(rows: [[0.0004, 0, 0, 0], [0, 0.0004, 0, 0], [0, 0, 1, 0]]))
      try volume.write(to: program.path("cells.nii"))
      let run = try program.run([
        "plan", "cells.nii", "--patch", "200x400", "--overlap", "0", "--edge", "discard",
      ])
      #expect(run.output.contains("401x400 pixels, uint8, 0.0004 x 0.0004 mm\n"), "\(run.output)")
      #expect(run.messages.contains("400 pixels (0.25%)"), "\(run.messages)")
    }
  }

  @Test("sizes are one number, one an axis, or percent")
  func sizes() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      try program.makeImage("b.png", Extent(width: 40, height: 30), channels: 3, as: UInt8.self, limit: 255)
      #expect(try plan(program, "a.nii", "--patch", "8").overlap == [2, 2, 2])
      #expect(try plan(program, "a.nii", "--patch", "9x8x1", "--overlap", "3").overlap == [3, 3, 0])
      #expect(try plan(program, "a.nii", "--patch", "10", "--overlap", "33.3%").overlap == [4, 4, 4])
      let mixed = try plan(program, "a.nii", "--patch", "9", "--edge", "shift,pad,partial")
      #expect(mixed.edge == ["shift", "pad", "partial"] && mixed.lostVoxels == 0)
      for patch in ["16", "16x16", "16x16x1"] {
        let planar = try plan(program, "b.png", "--patch", patch, "--overlap", "25%")
        #expect(planar.patch == [16, 16, 1] && planar.overlap == [4, 4, 0] && planar.stride == [12, 12, 1])
      }
      #expect(try plan(program, "b.png", "--patch", "16x10", "--overlap", "2x50%").overlap == [2, 5, 0])
    }
  }

  @Test("text goes to standard output, and what is lost to standard error, with what to do")
  func text() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      let whole = try program("plan", "a.nii", "--patch", "8", "--overlap", "2")
      #expect(whole.status == 0 && whole.messages.isEmpty)
      for words in [
        "20x18x16 voxels, int16, 2 x 1.5 x 2.5 mm", "3x3x3 = 27", "starts y    0 6 10", "nothing is lost",
      ] {
        #expect(whole.output.contains(words), "\(words)")
      }
      let lossy = try program("plan", "a.nii", "--patch", "8", "--overlap", "0", "--edge", "discard")
      #expect(lossy.status == 0)
      #expect(lossy.output.contains("4,096 of 5,760 voxels; 1,664 are lost"))
      for words in [
        "1,664 voxels (28.89%) are in no patch", "4 voxels (8 mm) at x = 16 to 19",
        "2 voxels (3 mm) at y = 16 to 17",
        "--edge shift (18 patches instead of 8), or --overlap",
      ] {
        #expect(lossy.messages.contains(words), "\(words): \(lossy.messages)")
      }
    }
  }

  @Test("the overlap that is proposed loses nothing")
  func proposal() throws {
    try withProgram { program in
      try program.makeImage("a.png", Extent(width: 41, height: 30), as: UInt8.self, limit: 255)
      let run = try program("plan", "a.png", "--patch", "16", "--overlap", "4", "--edge", "discard")
      let pattern = /--overlap ([0-9x]+)/
      let overlap = try #require(run.messages.firstMatch(of: pattern)?.1)
      #expect(overlap.split(separator: "x").count == 2)
      #expect(
        try plan(program, "a.png", "--patch", "16", "--overlap", "\(overlap)", "--edge", "discard").lostVoxels
          == 0)
    }
  }

  @Test("a grid that does not fit the image is exit status 1")
  func doesNotFit() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      let cases: [([String], String)] = [
        (["--patch", "99"], "patch width 99 exceeds image width 20; use --edge pad"),
        (["--patch", "2090000", "--edge", "pad"], "more bytes than can be counted"),
      ]
      for (arguments, message) in cases {
        let run = try program.run(["plan", "a.nii"] + arguments)
        #expect(run.status == 1 && run.output.isEmpty && run.messages.contains(message), "\(run.messages)")
      }
      let missing = try program("plan", "none.nii", "--patch", "8")
      #expect(missing.status == 1 && missing.messages.contains("none.nii: cannot be opened"))
    }
  }

  @Test(
    "wrong usage is exit status 64, with the usage of the command",
    arguments: [
      ["--patch", "0"], ["--patch", "-3"], ["--patch", "8x8"], ["--patch", "8x8x8x8"], ["--patch", ""],
      ["--patch", "3000000000"],
      ["--patch", "8x"], ["--patch", "1e3"], ["--patch", "8", "--overlap", "8"],
      ["--patch", "8", "--overlap", "100%"],
      ["--patch", "8", "--overlap", "nan%"], ["--patch", "8", "--overlap=-1"],
      ["--patch", "8", "--overlap", "1x1"],
      ["--patch", "8", "--edge", "sideways"], ["--patch", "8", "--edge", "pad,pad"],
      ["--patch", "8", "--padding", "constant:x"], ["--patch", "8", "--padding", "constant:inf"],
      ["--patch", "8", "--order", "y"], ["--patch", "8", "--sideways"], ["--patch", "8", "second.nii"], [],
    ])
  func usage(arguments: [String]) throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(10))
      let run = try program.run(["plan", "a.nii"] + arguments)
      #expect(run.status == 64 && run.output.isEmpty)
      #expect(
        run.messages.hasPrefix("Error: ") && run.messages.contains("Usage: voxtile plan "),
        "\(run.messages)")
    }
  }
}
