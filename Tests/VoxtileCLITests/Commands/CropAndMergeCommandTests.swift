import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("voxtile crop and merge")
struct CropAndMergeCommandTests {
  @Test("thousands of compressed patches need no more memory than the plan says")
  func manyPatches() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Extent(width: 64, height: 64, depth: 16), as: UInt8.self, limit: 100)
      let crop = try program(
        "crop", "a.nii.gz", "--patch", "24x24x16", "--overlap", "23x23x0", "--jobs", "1", "--memory", "64MiB",
        "--verbose", "-o", "p")
      #expect(crop.status == 0 && crop.output.hasPrefix("1,681 patches "), "\(crop.messages)")
      let peak = try #require(crop.messages.firstMatch(of: /at most ([0-9.]+) MiB of memory/)?.1)
      #expect(Double(peak).map { $0 <= 64 } == true, "\(crop.messages)")
    }
  }

  @Test("a 16-bit PNG comes back bit for bit under every policy, and discard says what it lost")
  func deepPNG() throws {
    try withProgram { program in
      try program.makeImage("a.png", Extent(width: 37, height: 29), as: UInt16.self, limit: 65_535)
      for edge in EdgePolicy.allCases {
        let crop = try program(
          "crop", "a.png", "--patch", "16", "--overlap", "4", "--edge", "\(edge)", "--output", "\(edge)")
        #expect(crop.status == 0 && crop.output.hasSuffix(" of 16x16 in \(edge)\n"), "\(crop)")
        let merge = try program("merge", "\(edge)", "-o", "\(edge).png")
        #expect(merge.status == 0 && merge.output.hasSuffix(" merged into \(edge).png by average\n"))
        let verify = try program("verify", "\(edge)", "--against", "a.png")
        #expect(verify.status == 0, "\(verify)")
        if edge == .discard {
          // 28 x 28 are covered.
          #expect(crop.messages.contains("289 pixels (26.93%) are in no patch"))
          #expect(merge.messages.contains("289 pixels are in no patch, with the fill value 0"))
        } else {
          #expect(crop.messages.isEmpty)
          #expect(merge.messages.contains("merged by average: neighbors are rarely equal"), "\(merge)")
          #expect(try program.voxels("\(edge).png") == program.voxels("a.png"), "\(edge)")
        }
      }
    }
  }

  @Test("options reach the files: format, order, padding, threads, compression")
  func options() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Extent(width: 9, height: 8, depth: 7))
      let run = try program(
        "crop", "a.nii.gz", "--patch", "4", "--edge", "pad", "--padding", "constant:-3", "--order", "z",
        "--format",
        "nii", "--jobs", "1", "--compression", "small", "-o", "p")
      #expect(run.status == 0)
      let manifest = String(decoding: try fileBytes(program.path("p/voxtile.json")), as: UTF8.self)
      for words in [#""order" : "z""#, #""padding" : "constant:-3.0""#, "patch_0001_x000_y000_z003.nii\""] {
        #expect(manifest.contains(words), "\(words)")
      }
      for (arguments, name) in [([], "b.nii.gz"), (["--blend", "gaussian", "--type", "float64"], "c.nii")] {
        #expect(try program.run(["merge", "p", "-o", name] + arguments).status == 0)
      }
      #expect(try program.voxels("b.nii.gz") == program.voxels("a.nii.gz"))
      #expect(try program.info("c.nii").scalarType == .float64)
    }
  }

  @Test("padding that the type of an image does not hold is said")
  func unheldPadding() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(width: 9, height: 9, depth: 9), as: UInt8.self, limit: 100)
      for (padding, type, words) in [
        ("constant:-5", nil, "become 0, not -5: uint8 does not hold that"),
        ("constant:300", nil, "become 255, not 300"), ("constant:7", nil, nil), ("edge", nil, nil),
        ("constant:-5", "int16", nil), ("constant:0.1", "float32", nil),
      ] as [(String, String?, String?)] {
        let crop = try program.run(
          ["crop", "a.nii", "--patch", "6", "--edge", "pad", "--padding", padding, "-o", "p", "--force"]
            + (type.map { ["--type", $0] } ?? []))
        #expect(crop.status == 0)
        let isSaid = words.map { crop.messages.contains($0) } ?? !crop.messages.contains("outside")
        #expect(isSaid, "\(padding): \(crop.messages)")
      }
    }
  }

  @Test("another tool's outputs are merged by the manifest of the patches")
  func otherFolder() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(6))
      #expect(try program("crop", "a.nii", "--patch", "4", "-o", "p").status == 0)
      try FileManager.default.moveItem(atPath: program.path("p/voxtile.json"), toPath: program.path("m.json"))
      let without = try program("merge", "p", "-o", "b.nii")
      #expect(without.status == 1 && without.messages.contains("--manifest"), "\(without.messages)")
      #expect(try program("merge", "p", "--manifest", "m.json", "-o", "b.nii").status == 0)
      #expect(try fileBytes(program.path("a.nii")) == fileBytes(program.path("b.nii")))
    }
  }

  @Test("labels are voted on, which is said")
  func labels() throws {
    try withProgram { program in
      let extent = Extent(width: 24, height: 10, depth: 9)
      let voxels = extent.positions.map { UInt8($0.x / 6 * 9) }
      try Volume(extent: extent, voxels: voxels).write(to: program.path("a.nii"))
      #expect(try program("crop", "a.nii", "--patch", "8", "--overlap", "2", "-o", "p").status == 0)
      let merge = try program("merge", "p", "-o", "b.nii")
      #expect(
        merge.status == 0
          && merge.messages.contains("merged by vote: whole numbers whose neighbors are mostly equal"))
      #expect(try program.voxels("b.nii") == voxels)
      let asked = try program("merge", "p", "-o", "c.nii", "--blend", "average")
      #expect(asked.status == 0 && asked.messages.isEmpty)
    }
  }

  @Test("what exists is refused without --force and replaced with it")
  func force() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(6))
      let crop = ["crop", "a.nii", "--patch", "4", "-o", "p"]
      let merge = ["merge", "p", "-o", "b.nii"]
      for arguments in [crop, merge] {
        #expect(try program.run(arguments).status == 0)
        let again = try program.run(arguments)
        #expect(
          again.status == 1 && again.output.isEmpty && again.messages.contains("--force"), "\(again.messages)"
        )
        #expect(try program.run(arguments + ["--force"]).status == 0)
      }
      try writeFile([1], to: program.path("p/mine.txt"))
      let foreign = try program.run(crop + ["--force"])
      #expect(foreign.status == 1 && foreign.messages.contains("mine.txt"))
      #expect(try fileNames(in: program.folder) == ["a.nii", "b.nii", "p"])
    }
  }

  @Test("a file that becomes too large for the disk leaves nothing")
  func fileLimit() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(40))
      // 8 to 16 KiB, in the units of different shells.
      let limit = "ulimit -f 16; exec \"$0\" \"$@\""
      let crop = try program.shell(limit, ["crop", "a.nii", "--patch", "40", "-o", "x/p"]).wait()
      #expect(
        crop.status == 1 && crop.messages.contains("x/p/patch_0000_x000_y000_z000.nii: cannot be written"))
      #expect(try program("crop", "a.nii", "--patch", "20", "-o", "p").status == 0)
      for name in ["b.nii", "b.nii.gz"] {
        let merge = try program.shell(limit, ["merge", "p", "-o", name]).wait()
        #expect(merge.status == 1 && merge.messages.contains("\(name): cannot be written"), "\(merge)")
      }
      #expect(try fileNames(in: program.folder) == ["a.nii", "p"])
    }
  }

  @Test("a folder that cannot be written to is an error", .enabled(if: geteuid() != 0))
  func readOnly() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(6))
      #expect(try program("crop", "a.nii", "--patch", "4", "-o", "p").status == 0)
      let folder = program.path("closed")
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o555])
      for arguments in [
        ["crop", "a.nii", "--patch", "4", "-o", "closed/p"], ["merge", "p", "-o", "closed/b.nii"],
      ] {
        let run = try program.run(arguments)
        #expect(run.status == 1 && run.messages.contains("Permission denied"))
      }
    }
  }

  @Test(
    "wrong usage is exit status 64",
    arguments: [
      ["merge"], ["merge", "p"], ["merge", "p", "-o", "b.nii", "--blend", "mean"],
      ["merge", "p", "-o", "b.nii", "--type", "int12"], ["merge", "p", "-o", "b.nii", "--fill", "inf"],
      ["merge", "p", "-o", "b.nii", "--jobs", "0"], ["crop", "a.nii", "--patch", "4"],
      ["crop", "a.nii", "-o", "p"], ["crop", "a.nii", "--patch", "4", "-o", "p", "--compression", "best"],
      ["verify"], ["verify", "p", "--jobs", "1025"], ["info"], ["cut"],
    ])
  func usage(arguments: [String]) throws {
    try withProgram { program in
      let run = try program.run(arguments)
      #expect(run.status == 64 && run.output.isEmpty && run.messages.contains("Usage: voxtile"), "\(run)")
    }
  }
}
