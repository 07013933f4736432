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

@Suite(
  "voxtile infer, which of many scans",
  .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
struct ManyScansOptionsTests {
  private func makeScans(_ program: Program, _ names: [String]) throws {
    for (number, name) in names.enumerated() {
      let path = program.path(name)
      try FileManager.default.createDirectory(
        at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
      try program.makeImage(name, Extent(width: 9 + number, height: 8, depth: 8), limit: 100)
    }
  }

  private func infer(_ program: Program, _ arguments: String...) throws -> Program.Run {
    try program.run(["infer", "--model", model("two_classes"), "--patch", "8"] + arguments)
  }

  /// The images in a folder, at any depth.
  private func images(_ program: Program, in folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: program.path(folder)).filter {
      // Pictures for the page lie in a hidden folder.
      ImageFormats.registry.ending(of: $0) != nil && !$0.hasPrefix(".")
    }.sorted()
  }

  @Test("a table names scans and their results, with masks; its columns that are not known are said")
  func table() throws {
    try withProgram { program in
      try makeScans(program, ["data/x.nii", "data/y.nii"])
      let text = "case,image,site\r\nA/first,x.nii,Kiel\r\n\"B, second\",y.nii,Mainz\r\n"
      try writeFile(Array(text.utf8), to: program.path("data/list.csv"))
      let run = try infer(program, "--cases", "data/list.csv", "-o", "out")
      #expect(run.status == 0 && run.messages.contains("columns that are passed over: site"), "\(run)")
      #expect(try images(program, in: "out") == ["A/first.nii", "B, second.nii"])
      let both = try infer(program, "data", "--cases", "data/list.csv", "-o", "no")
      #expect(both.status == 64 && both.messages.contains("--cases names the scans; leave out data"))
      try writeFile(Array("image\nx.nii\nz\"\n\"".utf8), to: program.path("data/list.csv"))
      let broken = try infer(program, "--cases", "data/list.csv", "-o", "no")
      #expect(broken.status == 1 && broken.messages.contains("data/list.csv: line 4"), "\(broken)")
    }
  }

  @Test("a pattern in quotes, and folders in folders, keep the folders of the scans")
  func patterns() throws {
    try withProgram { program in
      try makeScans(program, ["s/1/t1.nii", "s/1/t2.nii", "s/2/t1.nii", "s/t1.nii"])
      let run = try infer(program, "s/**/t1.nii", "-o", "out", "--name", "{case}_seg")
      #expect(run.status == 0, "\(run.messages)")
      #expect(try images(program, in: "out") == ["1/t1_seg.nii", "2/t1_seg.nii", "t1_seg.nii"])
      let all = try infer(program, "s", "--recursive", "-o", "all")
      #expect(all.status == 0 && all.output.hasPrefix("4 of 4"), "\(all)")
      #expect(try images(program, in: "all") == ["1/t1.nii", "1/t2.nii", "2/t1.nii", "t1.nii"])
      let shallow = try infer(program, "s", "-o", "shallow")
      #expect(shallow.status == 0 && shallow.messages.contains("not searched without --recursive: s/1"))
      #expect(try images(program, in: "shallow") == ["t1.nii"])
      let none = try infer(program, "s/*.mha", "-o", "none")
      #expect(none.status == 1 && none.messages.contains("s/*.mha: matches no image"), "\(none)")
    }
  }

  @Test("parts between them give what the whole gives, and a summary joins them")
  func parts() throws {
    try withProgram { program in
      let names = ["a", "b", "c", "d", "e"].map { "s/\($0).nii" }
      try makeScans(program, names)
      #expect(try infer(program, "s", "-o", "whole").status == 0)
      for part in ["1/2", "2/2"] {
        let run = try infer(program, "s", "-o", "parts", "--part", part)
        #expect(run.status == 0 && run.messages.contains("part     \(part): "), "\(run)")
      }
      #expect(try images(program, in: "parts") == images(program, in: "whole"))
      for name in try images(program, in: "whole") {
        #expect(try fileBytes(program.path("whole/\(name)")) == fileBytes(program.path("parts/\(name)")))
      }
      let joined = try program("summary", "parts", "--json")
      struct Counts: Decodable { let cases, done: Int }
      #expect(try joined.status == 0 && joined.json(Counts.self).done == 5)
      #expect(try fileNames(in: program.path("parts")).contains("summary.csv"))
      let again = try infer(program, "s", "-o", "parts", "--resume")
      #expect(again.status == 0 && again.output.hasPrefix("5 of 5 scans done, 5 of them before"), "\(again)")
    }
  }

  @Test("a job array says the part; without one, and with a part that does not exist, the run ends at once")
  func jobArrays() throws {
    try withProgram { program in
      try makeScans(program, ["s/a.nii", "s/b.nii"])
      let arguments = ["infer", "s", "--model", model("two_classes"), "--patch", "8", "-o", "out", "--part"]
      func run(_ environment: String, _ part: String) throws -> Program.Run {
        try program.shell("\(environment) exec \"$0\" \"$@\"", arguments + [part]).wait()
      }
      let slurm = try run("SLURM_ARRAY_TASK_ID=11 SLURM_ARRAY_TASK_MIN=10 SLURM_ARRAY_TASK_COUNT=2", "auto")
      #expect(slurm.status == 0 && slurm.messages.contains("part     2/2: 1 scan of 2"), "\(slurm)")
      let kubernetes = try run("JOB_COMPLETION_INDEX=0", "auto/2")
      #expect(kubernetes.status == 0 && kubernetes.messages.contains("part     1/2: "), "\(kubernetes)")
      #expect(try images(program, in: "out") == ["a.nii", "b.nii"])
      for (environment, part, words) in [
        ("", "auto", "finds no job array"), ("", "3/2", "part 3 of 2"), ("", "0/2", "part 0 of 2"),
        ("JOB_COMPLETION_INDEX=2", "auto/2", "part 3 of 2"),
      ] {
        let refused = try run(environment, part)
        #expect(refused.status == 64 && refused.messages.contains(words), "\(part): \(refused)")
      }
    }
  }

  @Test("options that one scan has, and those that many have, are refused elsewhere with what to do")
  func misuse() throws {
    try withProgram { program in
      try makeScans(program, ["s/a.nii", "s/b.nii"])
      let cases: [([String], String)] = [
        (["s", "--time-points", "separately"], "--time-points separately takes one 4D file, not many scans"),
        (["s", "--report", "r.html"], "--reports writes a page for each"),
        (["s", "-o", "second"], "--output is one folder for all results, not 2"),
        (["s", "--resume", "--force"], "leave one out"),
        (["s", "--parallel", "0"], "use 1 to 64"),
        (["s", "--name", "seg"], "--name: the name 'seg' is the same for all"),
        (["s/a.nii", "--part", "1/2"], "--part shares out many scans, or the patches of one"),
        (["s/a.nii", "--parallel", "2"], "--parallel is for many scans"),
        (["s/a.nii", "--reports"], "--reports is for many scans"),
        (["s/a.nii", "s/b.nii", "--as-cases", "--as-channels"], "contradict each other"),
        ([], "there is no scan"),
      ]
      for (arguments, words) in cases {
        let run = try program.run(
          ["infer", "--model", model("two_classes"), "--patch", "8", "-o", "out"] + arguments)
        #expect(run.status == 64 && run.messages.contains(words), "\(arguments): \(run)")
      }
      #expect(try fileNames(in: program.folder) == ["s"])
    }
  }

  @Test("a dry run says what would be done, and writes nothing; JSON is one object")
  func dryRun() throws {
    try withProgram { program in
      try makeScans(program, ["s/a.nii", "s/b.nii"])
      let dry = try infer(program, "s", "-o", "out", "--dry-run")
      #expect(dry.status == 0, "\(dry.messages)")
      #expect(
        dry.output.split(separator: "\n") == ["a", "b"].map { "\($0): to do, since it was not done before" })
      #expect(try fileNames(in: program.folder) == ["s"])
      struct Summary: Decodable {
        struct Row: Decodable { let name, status: String }
        let cases, done: Int
        let rows: [Row]
      }
      let run = try infer(program, "s", "-o", "out", "--json", "--reports")
      let summary = try run.json(Summary.self)
      #expect(run.status == 0 && summary.done == 2 && summary.rows.map(\.name) == ["a", "b"])
      #expect(try fileNames(in: program.path("out")).contains("a.html"))
      #expect(try fileBytes(program.path("out/summary.json")) == Array(run.output.utf8))
    }
  }

  @Test("two runs into one folder at the same time: the second is refused")
  func twice() throws {
    try withProgram { program in
      try makeScans(program, ["a", "b", "c", "d"].map { "s/\($0).nii" })
      try program.makeImage("s/z.nii", Extent(64))
      let arguments = [
        "infer", "s", "--model", model("two_classes"), "--patch", "8", "-o", "out", "--resume",
      ]
      let first = try program.shell("exec \"$0\" \"$@\"", arguments)
      while first.isRunning, !FileManager.default.fileExists(atPath: program.path("out/voxtile.journal")) {
        usleep(1000)
      }
      // It is locked as soon as it has a line; then the run waits until the other one has ended.
      while first.isRunning, (try fileBytes(program.path("out/voxtile.journal"))).isEmpty { usleep(1000) }
      first.send(SIGSTOP)
      #expect(first.isRunning)
      let second = try program.run(arguments)
      first.send(SIGCONT)
      #expect(second.status == 1 && second.messages.contains("in use by another run"), "\(second)")
      let end = try first.wait()
      #expect(end.status == 0 && end.output.hasPrefix("5 of 5 scans done"), "\(end)")
    }
  }
}
