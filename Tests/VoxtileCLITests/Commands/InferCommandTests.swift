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

@Suite("voxtile infer", .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
struct InferCommandTests {
  private static let extent = Extent(width: 20, height: 18, depth: 16)

  private func infer(_ program: Program, _ input: String, _ name: String, _ arguments: String...) throws
    -> Program.Run
  {
    try program.run(["infer", input, "--model", model(name)] + arguments)
  }

  @Test("labels are written with the scan's place, and one line says what was done")
  func labels() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Self.extent)
      // Channels are v, 2v + 10 and 0.5 - 3v of v from 0: the second one is the largest.
      let run = try infer(
        program, "a.nii.gz", "scale_shift", "--patch", "8", "-o", "b.nii.gz", "--labels", "0,300,2")
      #expect(run.status == 0, "\(run.messages)")
      #expect(
        run.output.hasPrefix("48 patches predicted in ") && run.output.hasSuffix("; written to b.nii.gz\n"))
      #expect(run.messages.contains("patches  48 of 8x8x8") && run.messages.contains("memory "))
      let info = try program.info("b.nii.gz")
      #expect(info.scalarType == .uint16 && info.extent == Self.extent && info.channels == 1)
      #expect(try info.metadata.affine == program.info("a.nii.gz").metadata.affine)
      let voxels = try ImageFormats.open(program.path("b.nii.gz")).read(as: UInt16.self).voxels
      let areRight = voxels.allSatisfy { $0 == 300 }
      #expect(areRight)
    }
  }

  @Test("voxels that no patch holds, and a prediction of nothing, are said")
  func said() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      let lost = try infer(
        program, "a.nii", "scale_shift", "--patch", "8", "--overlap", "0", "--edge", "discard", "-o", "b.nii")
      #expect(lost.status == 0, "\(lost.messages)")
      #expect(
        lost.messages.contains("1664 of 5760 voxels are in no patch and become background"),
        "\(lost.messages)")
      let nothing = try infer(
        program, "a.nii", "scale_shift", "--patch", "8", "--skip-below", "1e9", "-o", "c.nii")
      #expect(nothing.status == 0, "\(nothing.messages)")
      #expect(
        nothing.messages.contains(
          "no patch was predicted, since all 48 hold background only; the whole result is background"),
        "\(nothing.messages)")
    }
  }

  @Test("each kind of output has its file, in the order in which they are given")
  func kinds() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent, limit: 3)
      let run = try infer(
        program, "a.nii", "scale_shift", "--patch", "8x10x12", "--output-kind", "logits,labels,probabilities",
        "-o",
        "l.nii", "-o", "b.nii", "-o", "p.nii", "--activation", "sigmoid", "--threshold", "0.99", "--mirror",
        "xz",
        "--orientation", "LPS", "--axes", "xyz", "--batch", "3", "--jobs", "2", "--memory", "1GiB")
      #expect(run.status == 0, "\(run.messages)")
      #expect(run.messages.contains(" x 4 mirrored of ") && run.messages.contains("3 at once"))
      let scan = try ImageFormats.open(program.path("a.nii")).read(as: Int16.self).voxels.map { Float($0) }
      let logits = try ImageFormats.open(program.path("l.nii")).read(as: Float.self)
      let expected = scan + scan.map { 2 * $0 + 10 } + scan.map { 0.5 - 3 * $0 }
      let isNear = zip(logits.voxels, expected).allSatisfy { abs($0 - $1) < 1e-4 }
      #expect(isNear && logits.channels == 3)
      let probabilities = try ImageFormats.open(program.path("p.nii")).read(as: Float.self).voxels
      let areProbabilities = zip(probabilities, expected).allSatisfy { abs($0 - 1 / (1 + exp(-$1))) < 1e-5 }
      #expect(areProbabilities)
      let labels = try ImageFormats.open(program.path("b.nii")).read(as: UInt8.self).voxels
      let areSecond = labels.allSatisfy { $0 == 2 }
      #expect(areSecond)
    }
  }

  @Test("a dry run prints the plan and writes nothing")
  func dryRun() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      let run = try infer(program, "a.nii", "identity", "--patch", "8", "-o", "b.nii", "--dry-run")
      #expect(
        run.status == 0 && run.output.isEmpty && run.messages.contains("patches  48 of 8x8x8, 1 class\n"))
      #expect(try fileNames(in: program.folder) == ["a.nii"])
    }
  }

  @Test(
    "what contradicts itself is wrong usage",
    arguments: [
      (["-o", "b.nii", "-o", "c.nii"], "there are 2 --output for 1 kinds (labels)"),
      (["-o", "b.nii", "--output-kind", "labels,logits"], "there are 1 --output for 2 kinds"),
      (["-o", "b.nii", "-o", "b.nii", "--output-kind", "labels,logits"], "names a file twice"),
      (["-o", "b.nii", "--output-kind", "masks"], "masks: "),
      (["-o", "b.nii", "--batch", "0"], "--batch 0 is empty"),
      (["-o", "b.nii", "--compat", "monai", "--blend", "hann"], "--compat decides"),
      (["-o", "b.nii", "--threshold", "1"], "--threshold 1.0 makes no labels"),
      (["-o", "b.nii", "--mirror", "xx"], "xx: "), (["-o", "b.nii", "--orientation", "RAL"], "RAL: "),
      (["-o", "b.nii", "--labels", "1,,2"], "1,,2: "),
      (["-o", "b.nii", "--skip-below", "nan"], "not a number"),
      (["-o", "b.nii", "--normalize", "zscore:all"], "zscore:all: "), ([], "--output"),
    ])
  func usage(arguments: [String], message: String) throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(8))
      let run = try program.run(["infer", "a.nii", "--model", model("identity"), "--patch", "8"] + arguments)
      #expect(run.status == 64 && run.output.isEmpty)
      #expect(run.messages.contains(message), "\(run.messages)")
      #expect(try fileNames(in: program.folder) == ["a.nii"])
    }
  }

  @Test("a scan that does not say which side is left is not turned, and the error says what to do")
  func unoriented() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(8))
      var bytes = try fileBytes(program.path("a.nii"))
      // qform_code and sform_code.
      for offset in 252..<256 { bytes[offset] = 0 }
      try writeFile(bytes, to: program.path("a.nii"))
      let refused = try infer(
        program, "a.nii", "identity", "--patch", "8", "-o", "b.nii", "--orientation", "RAS")
      #expect(
        refused.status == 1 && refused.messages.contains("does not say which side is left"), "\(refused)")
      #expect(refused.messages.contains("use --orientation source") && refused.output.isEmpty)
      let kept = try infer(
        program, "a.nii", "identity", "--patch", "8", "-o", "b.nii", "--orientation", "source")
      #expect(kept.status == 0, "\(kept)")
    }
  }

  @Test("what is doubtful in the scan is said once and recorded")
  func doubtful() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(8))
      var bytes = try fileBytes(program.path("a.nii"))
      // xyzt_units.
      bytes[123] = 3
      try writeFile(bytes, to: program.path("a.nii"))
      let run = try infer(program, "a.nii", "identity", "--patch", "8", "-o", "b.nii")
      let note = "a.nii gives lengths in micrometers, which are converted to mm"
      #expect(run.status == 0 && run.messages.ranges(of: note).count == 1, "\(run)")
      let record = String(decoding: try fileBytes(program.path("b.nii.voxtile.json")), as: UTF8.self)
      #expect(record.contains(note))
    }
  }

  @Test("an older file is not touched without --force, whatever else is wrong")
  func force() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(8))
      try writeFile([1], to: program.path("b.nii"))
      let refused = try infer(program, "a.nii", "nan", "--patch", "8", "-o", "b.nii")
      #expect(refused.status == 1 && refused.messages.contains("--force"))
      let failed = try infer(program, "a.nii", "nan", "--patch", "8", "-o", "b.nii", "--force")
      #expect(failed.status == 1 && failed.messages.contains("NaN") && failed.messages.contains("patch 0"))
      #expect(try fileBytes(program.path("b.nii")) == [1])
      #expect(try fileNames(in: program.folder) == ["a.nii", "b.nii"])
      #expect(try infer(program, "a.nii", "identity", "--patch", "8", "-o", "b.nii", "--force").status == 0)
      #expect(try program.info("b.nii").extent == Extent(8))
    }
  }

  @Test("an interrupted prediction leaves nothing", .timeLimit(.minutes(30)))
  func interrupted() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(24))
      let run = try program.shell(
        "exec \"$0\" \"$@\"",
        [
          "infer", "a.nii", "--model", model("identity"), "--patch", "6", "--overlap", "5", "-o", "b.nii.gz",
          "-j", "1",
        ])
      for _ in 0..<3000 where run.isRunning {
        if try fileNames(in: program.folder).contains(where: { $0.hasPrefix(".") }) { break }
        usleep(2000)
      }
      run.send(SIGTERM)
      let end = try run.wait()
      #expect(
        end.status == 130 && end.output.isEmpty
          && end.messages.hasSuffix("interrupted; nothing half-written stays\n"))
      #expect(try fileNames(in: program.folder) == ["a.nii"])
    }
  }

  /// A prediction of three classes, of which each layer hands 24 MiB on to the next.
  private func large(_ program: Program, _ environment: String, memory: String) throws -> Program.Started {
    try Volume<Int16>(extent: Extent(width: 256, height: 256, depth: 160), repeating: 7).write(
      to: program.path("a.nii"))
    return try program.shell(
      "\(environment) exec \"$0\" \"$@\"",
      [
        "infer", "a.nii", "--model", model("scale_shift"), "--patch", "64", "--overlap", "50%", "-o", "b.nii",
        "--memory", memory,
      ])
  }

  @Test("a page about values that are no probabilities has no confidence", arguments: [3.0, 1e18])
  func pageWithoutProbabilities(value: Double) throws {
    try withProgram { program in
      try Volume<Double>(extent: Extent(width: 9, height: 8, depth: 7), repeating: value).write(
        to: program.path("a.nii"))
      let run = try infer(
        program, "a.nii", "scale_shift", "--patch", "4", "--activation", "none", "-o", "b.nii", "--report",
        "page.html")
      #expect(run.status == 0, "\(run.messages)")
      let page = String(decoding: try fileBytes(program.path("page.html")), as: UTF8.self)
      #expect(!page.contains("\"winningProbability\":") && page.contains("\"labelConfidence\":[]"))
    }
  }

  @Test("a page shows the scan, the labels, how sure the network was and where patches disagreed")
  func page() throws {
    try withProgram { program in
      try Volume<Int16>(extent: Extent(width: 9, height: 8, depth: 7), repeating: 7).write(
        to: program.path("a.nii"))
      let run = try infer(
        program, "a.nii", "scale_shift", "--patch", "4", "-o", "b.nii", "--report", "page.html")
      #expect(run.status == 0, "\(run.messages)")
      let page = String(decoding: try fileBytes(program.path("page.html")), as: UTF8.self)
      #expect(page.contains("\"winningProbability\"") && page.contains("\"disagreement\""))
      // All voxels have the same value, and so one label.
      #expect(page.contains("\"labelConfidence\":[{") && page.contains("\"voxels\":504"))
      #expect(
        page.contains("\"layer\":\"disagreement.nii.gz\"")
          && page.contains("\"name\":\"disagreement.nii.gz\""))
      #expect(try fileNames(in: program.folder) == ["a.nii", "b.nii", "b.nii.voxtile.json", "page.html"])
      let again = try infer(
        program, "a.nii", "scale_shift", "--patch", "4", "-o", "c.nii", "--report", "page.html")
      #expect(again.status == 1 && again.messages.contains("page.html"))
      #expect(try fileNames(in: program.folder) == ["a.nii", "b.nii", "b.nii.voxtile.json", "page.html"])
    }
  }

  @Test("no place for scratch files is an error, and nothing is left")
  func noScratch() throws {
    try withProgram { program in
      let run = try large(program, "TMPDIR=/nowhere/at/all", memory: "150MiB").wait()
      #expect(
        run.status == 1 && run.messages.contains("/nowhere/at/all: cannot hold scratch files"),
        "\(run.messages)")
      #expect(try fileNames(in: program.folder) == ["a.nii"])
    }
  }

  @Test("a prediction keeps within its memory, but for the network's own", .timeLimit(.minutes(30)))
  func memory() throws {
    #if os(Linux)
      try withProgram { program in
        let run = try large(program, "", memory: "150MiB")
        // The system's high-water mark, which is gone with the process.
        var peak = 0
        while run.isRunning {
          let status =
            (try? fileBytes("/proc/\(run.number)/status")).map { String(decoding: $0, as: UTF8.self) } ?? ""
          let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
          peak = max(
            peak,
            line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0
          )
          usleep(2000)
        }
        let end = try run.wait()
        #expect(end.status == 0 && end.messages.contains("24 MiB of scratch"), "\(end.messages)")
        // ONNX Runtime's library and what it keeps for tensors of 1 and 3 MiB.
        #expect(peak > 0 && peak >> 10 <= 150 + 70, "\(peak >> 10) MiB")
        let labels = try ImageFormats.open(program.path("b.nii")).read(as: UInt8.self).voxels
        let areSecond = labels.withUnsafeBytes { bytes in
          bytes.baseAddress.map { memchr($0, 0, bytes.count) == nil } ?? false
        }
        #expect(areSecond && labels.count == 256 * 256 * 160)
      }
    #endif
  }
}
