import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileCLI

@Suite("Usage errors")
struct UsageErrorTests {
  private func firstLine(_ run: Program.Run) -> String {
    run.messages.split(separator: "\n").first.map(String.init) ?? ""
  }

  @Test("each fault is said in one line, with what to write instead")
  func messages() throws {
    let crop = ["crop", "a.nii", "-o", "p"]
    let sized = crop + ["--patch", "8"]
    let cases: [([String], String)] = [
      (crop + ["--ptach", "8"], "there is no option '--ptach'; did you mean '--patch'?"),
      (["merge", "p", "--outptu", "m.nii"], "there is no option '--outptu'; did you mean '--output'?"),
      (["crop", "--patch", "x", "--froce"], "there is no option '--froce'; did you mean '--force'?"),
      (sized + ["--quite"], "there is no option '--quite'; did you mean '--quiet'?"),
      (sized + ["--blend=hann"], "'--blend' is an option of merge, infer, not of crop"),
      (sized + ["--zzzzzz"], "there is no option '--zzzzzz'"),
      (sized + ["-x"], "there is no option '-x'"),
      (["corp", "a.nii"], "there is no command 'corp'; did you mean 'crop'?"),
      (
        sized + ["--overlap", "100 %"],
        "--overlap 100 %: neighbors share less than a whole patch: less than 100%"
      ),
      (
        sized + ["--overlap", "1.0"],
        "--overlap 1.0: neighbors share less than a whole patch: a fraction below 1; 1 without a point is one voxel"
      ),
      (sized + ["--overlap", "2.0"], "--overlap 2.0: an overlap is a whole number of voxels"),
      (sized + ["--overlap", "-1"], "--overlap -1: an overlap is not negative"),
      (
        sized + ["--overlap", "1.5"],
        "--overlap 1.5: an overlap is a whole number of voxels, a percentage such as 25%, or a fraction below 1"
      ),
      (sized + ["--overlap", "4mm"], "--overlap 4mm: an overlap is in voxels or percent, not in mm"),
      (crop + ["--patch", "10mm"], "--patch 10mm: a size is in voxels, not in mm"),
      (crop + ["--patch", "0"], "--patch 0: a size is at least 1 voxel along each axis"),
      (crop + ["--patch", "8x-8"], "--patch 8x-8: a size is at least 1 voxel along each axis"),
      (crop + ["--patch", "8.5"], "--patch 8.5: a size is a whole number of voxels"),
      (crop + ["--patch", "8x8x8x8"], "--patch 8x8x8x8: a size has one, two or three numbers, x first"),
      (
        crop + ["--patch", "big"],
        "--patch big: a size is one number, or one for each axis, as in 96 or 96x96x64"
      ),
      (sized + ["--edge", "shfit"], "--edge shfit: there is no policy 'shfit'; did you mean 'shift'?"),
      (
        sized + ["--edge", "zero"],
        "--edge zero: there is no policy 'zero'; use shift, discard, balance, pad, pad-both, partial"
      ),
      (sized + ["--order", "q"], "--order q: there is no such value; use x, z"),
      (
        ["merge", "p", "-o", "m.nii", "--blend", "guasian"],
        "--blend guasian: there is no such value; did you mean 'gaussian'?"
      ),
      (sized + ["--jobs", "many"], "--jobs many: this should be a whole number"),
      (sized + ["--memory", "1"], "--memory 1: that is 1 byte; give a unit, as in 2GiB"),
      (sized + ["--memory", "-5"], "--memory -5: memory is more than nothing; write for example 2GiB"),
      (sized + ["--memory", "2", "GB"], "--memory 2 GB is two words; write --memory 2GB"),
      (
        sized + ["--memory", "lots"],
        "--memory lots: a size is a number and a unit, as in 2GiB, 512MiB or 1500MB"
      ),
      (crop, "Missing expected argument '--patch <96|96x96x64>'"),
      (crop + ["--patch", "3000000000"], "--patch 3000000000: a size is at most 2147483647 voxels"),
      (sized + ["--padding", "-5"], "--padding -5: write constant:-5 for voxels of that value"),
      (
        sized + ["--padding", "reflct"], "--padding reflct: there is no such padding; did you mean 'reflect'?"
      ),
      (["view", "a.nii", "--port", "-1"], "--port -1: this should be a whole number that is not negative"),
      (sized + ["--report", ""], "--report is followed by an empty argument; give it a value"),
      (sized + ["--report="], "--report= is followed by nothing; give it a value"),
      (
        ["plan", "a.nii", "--patch", "8", "--fit", "--multiple-of", "-1"],
        "--multiple-of -1: a size is at least 1 voxel along each axis"
      ),
      (
        ["infer", "a.nii", "--model", "m.onnx", "-o", "o.nii", "--provider-option", "threads"],
        "--provider-option threads: a setting is KEY=VALUE, such as num_of_threads=2"
      ),
      (["info", ""], "argument 1 is empty; name a file"),
    ]
    try withProgram { program in
      try program.makeImage("a.nii", Extent(20))
      for (arguments, message) in cases {
        let run = try program.run(arguments)
        #expect(run.status == 64 && run.output.isEmpty, "\(arguments)")
        #expect(firstLine(run).hasPrefix("Error: \(message)"), "\(arguments): \(run.messages)")
        #expect(run.messages.contains("--help' for more information."))
      }
      #expect(try fileNames(in: program.folder) == ["a.nii"])
    }
  }

  @Test("what other programs write is understood")
  func understood() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(20))
      func plan(_ arguments: String...) throws -> String {
        let run = try program.run(["plan", "a.nii"] + arguments)
        #expect(run.status == 0, "\(arguments): \(run.messages)")
        return run.output
      }
      let half = try plan("--patch", "8", "--overlap", "4")
      for overlap in ["0.5", "50%", "50 %", "4,4,4", "4X4X4", "0.5x50%x4"] {
        #expect(try plan("--patch", "8", "--overlap", overlap) == half, "\(overlap)")
      }
      for patch in ["8,8,8", "8x8x8", "8X8x8"] {
        #expect(try plan("--patch", patch, "--overlap", "4") == half, "\(patch)")
      }
      #expect(try plan("--patch", "8", "--overlap", "4", "-j2") == half)
      #expect(try plan("--patch", "8", "--overlap", "4", "--memory", "2 GB").hasPrefix(half.prefix(200)))
    }
  }

  @Test("the way to lose nothing has its price, and is left out where that is high")
  func price() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(20))
      func tip(_ arguments: String...) throws -> String? {
        let run = try program.run(["plan", "a.nii", "--edge", "discard"] + arguments)
        return run.messages.split(separator: "\n").first { $0.contains("to lose nothing") }.map(String.init)
      }
      // 8 patches lose 4 voxels along each axis; 3 of each fit with an overlap of 2.
      #expect(
        try tip("--patch", "8", "--overlap", "0")?.hasSuffix(
          "to lose nothing use --edge shift (27 patches instead of 8), or --overlap 2x2x2 (27)") == true)
      // Only an overlap of 2 fills 20 with patches of 3: 18 patches a side instead of 7.
      #expect(
        try tip("--patch", "3", "--overlap", "0")?.hasSuffix(
          "to lose nothing use --edge shift (343 patches instead of 216)")
          == true)
    }
  }

  @Test("a wrong scan is named once")
  func wrongScan() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(20))
      try program.makeImage("b.nii", Extent(20))
      #expect(try program("crop", "a.nii", "--patch", "8", "-o", "p").status == 0)
      var bytes = try fileBytes(program.path("a.nii"))
      for index in 352..<bytes.count { bytes[index] ^= 1 }
      try writeFile(bytes, to: program.path("b.nii"))
      let run = try program("verify", "p", "--against", "b.nii")
      #expect(run.status == 1)
      #expect(
        run.output.split(separator: "\n").count == 1
          && run.output.hasPrefix("b.nii: different: not the image"), "\(run.output)")
      // One voxel is the fault of a patch.
      bytes = try fileBytes(program.path("a.nii"))
      bytes[352] ^= 1
      try writeFile(bytes, to: program.path("b.nii"))
      let one = try program("verify", "p", "--against", "b.nii")
      #expect(
        one.status == 1 && one.output.hasPrefix("patch_0000") && one.output.split(separator: "\n").count == 1)
    }
  }
}
