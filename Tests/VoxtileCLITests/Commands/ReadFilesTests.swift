import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileTestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Whether the program finds ONNX Runtime.
private let canRun = (try? OnnxRuntime.open()) != nil

/// What commands never write over: files that they read.
@Suite("Files that are read", .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
struct ReadFilesTests {
  private static let extent = Extent(width: 12, height: 10, depth: 9)

  @Test("no file that is read is written over, through links neither, with --force neither")
  func neverOverInputs() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      try program.makeImage("m.nii", Self.extent)
      try program.makeImage("p.hdr", Self.extent)
      try writeFile(fileBytes(model("identity")), to: program.path("net.onnx"))
      for (link, target) in [("soft.nii", "a.nii"), ("mask.nii", "m.nii"), ("net.nii", "net.onnx")] {
        #expect(symlink(target, program.path(link)) == 0)
      }
      try FileManager.default.linkItem(atPath: program.path("a.nii"), toPath: program.path("hard.nii"))
      let names = try fileNames(in: program.folder)
      let bytes = try names.map { try fileBytes(program.path($0)) }
      func infer(_ input: String, _ arguments: String...) throws -> Program.Run {
        try program.run(
          ["infer", input, "--mask", "m.nii", "--model", "net.onnx", "--patch", "8", "--force"] + arguments)
      }
      for output in ["a.nii", "./a.nii", "soft.nii", "hard.nii", "m.nii", "mask.nii", "net.nii"] {
        let run = try infer("a.nii", "-o", output)
        #expect(run.status == 1 && run.messages.contains("read"), "\(output): \(run.messages)")
      }
      for output in ["p.hdr", "p.img"] { #expect(try infer("p.hdr", "-o", output).status == 1) }
      for page in ["a.nii", "soft.nii", "net.onnx", "m.nii"] {
        let run = try infer("a.nii", "-o", "b.nii", "--report", page)
        #expect(run.status == 1 && run.messages.contains("read"), "\(page): \(run.messages)")
      }
      let twice = try infer("a.nii", "-o", "b.nii", "-o", "./b.nii", "--output-kind", "labels,logits")
      #expect(twice.status == 1 && twice.messages.contains("twice"))
      let page = try infer("a.nii", "-o", "b.nii", "--report", "b.nii.voxtile.json")
      #expect(page.status == 1 && page.messages.contains("twice"))
      #expect(try fileNames(in: program.folder) == names)
      #expect(try names.map { try fileBytes(program.path($0)) } == bytes)
    }
  }

  @Test("report writes over no image, overlay, patch or manifest")
  func report() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      try program.makeImage("o.nii", Self.extent)
      #expect(try program("crop", "a.nii", "--patch", "8", "-o", "patches").status == 0)
      try writeFile(fileBytes(program.path("patches/voxtile.json")), to: program.path("other.json"))
      #expect(symlink("a.nii", program.path("page.html")) == 0)
      let before = try fileBytes(program.path("a.nii"))
      for page in ["a.nii", "page.html", "o.nii"] {
        let run = try program("report", "a.nii", "--patch", "8", "--overlay", "o.nii", "-o", page, "--force")
        #expect(run.status == 1 && run.messages.contains("read"), "\(page): \(run.messages)")
      }
      let patch = try #require(fileNames(in: program.path("patches")).first { $0.hasSuffix(".nii") })
      for page in ["patches/voxtile.json", "patches/\(patch)", "a.nii"] {
        let run = try program("report", "patches", "-o", page, "--force")
        #expect(run.status == 1 && run.messages.contains("read"), "\(page): \(run.messages)")
      }
      let manifest = try program(
        "report", "patches", "--manifest", "other.json", "-o", "other.json", "--force")
      #expect(manifest.status == 1 && manifest.messages.contains("read"))
      let crop = try program(
        "crop", "a.nii", "--patch", "8", "-o", "more", "--report", "page.html", "--force")
      #expect(crop.status == 1 && crop.messages.contains("read"))
      #expect(try fileBytes(program.path("a.nii")) == before)
      #expect(try program("report", "patches", "-o", "new.html").status == 0)
    }
  }
}
