import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileTestSupport

/// Whether the program finds ONNX Runtime.
private let canRun = (try? OnnxRuntime.open()) != nil

@Suite(
  "voxtile infer, many scans", .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
struct ManyScansTests {
  /// Scans of different sizes in a folder.
  private func makeScans(_ program: Program, _ names: [String], in folder: String = "scans") throws {
    for (number, name) in names.enumerated() {
      let path = program.path("\(folder)/\(name)")
      try FileManager.default.createDirectory(
        at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
      try program.makeImage(
        "\(folder)/\(name)", Extent(width: 9 + number, height: 10, depth: 11), limit: 100)
    }
  }

  private func infer(
    _ program: Program, _ inputs: [String], network: String = "two_classes", _ arguments: String...
  ) throws -> Program.Run {
    try program.run(["infer"] + inputs + ["--model", model(network), "--patch", "8"] + arguments)
  }

  /// The bytes of results by their names, without journals, summaries and records.
  private func results(_ program: Program, in folder: String) throws -> [String: [UInt8]] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: program.path(folder)).filter {
      // Pictures for the page lie in a hidden folder.
      ImageFormats.registry.ending(of: $0) != nil && !$0.hasPrefix(".")
    }
    return try Dictionary(names.map { ($0, try fileBytes(program.path("\(folder)/\($0)"))) }) { first, _ in
      first
    }
  }

  @Test(
    "what is doubtful in many scans is said of the first, and at the end of all others at once; the records of all say it"
  )
  func repeatedWarnings() throws {
    try withProgram { program in
      try makeScans(program, ["a.nii", "b.nii", "c.nii", "d.nii"])
      let run = try infer(program, ["scans"], "-o", "out", "--spacing", "keep")
      let words = "the scan has voxels of 2x1.5x2.5 mm, but the network was trained with 1x1x1 mm"
      #expect(run.status == 0 && run.messages.components(separatedBy: words).count == 3, "\(run.messages)")
      #expect(run.messages.contains("Warning: a: \(words)"))
      let last = try #require(run.messages.range(of: "Warning: 3 other scans, such as b: \(words)"))
      #expect(run.messages[..<last.lowerBound].contains("4/4 d: "))
      for name in ["a", "b", "c", "d"] {
        let record = String(
          decoding: try fileBytes(program.path("out/\(name).nii.voxtile.json")), as: UTF8.self)
        #expect(record.contains(words))
      }
      let two = try infer(program, ["scans/[ab].nii"], "-o", "two", "--spacing", "keep")
      #expect(two.messages.contains("Warning: b: \(words)"), "\(two.messages)")
    }
  }

  @Test("scans that do not fit the memory are named before the first one is predicted")
  func memory() throws {
    try withProgram { program in
      try makeScans(program, ["a.nii", "b.nii"])
      for (name, side) in [("c", 900), ("d", 1200)] {
        try program.makeImage(
          "scans/\(name).nii.gz", Extent(width: side, height: side, depth: 12), limit: 1)
      }
      let run = try infer(
        program, ["scans"], "-o", "out", "--memory", "100MiB", "--overlap", "0", "--spacing", "keep")
      #expect(run.status == 1)
      let warning =
        "Warning: the limit is 100 MiB of memory for a scan: d and 1 other scan need up to 230 MiB; raise --memory, or use "
        + "smaller patches\n"
      let place = try #require(run.messages.range(of: warning), "\(run.messages)")
      #expect(run.messages[place.upperBound...].contains("1/4 a: "))
      #expect(run.output.hasPrefix("2 of 4 scans done, 2 failed"))
      let enough = try infer(program, ["scans/a.nii", "scans/b.nii", "--as-cases"], "-o", "small")
      #expect(!enough.messages.contains("the limit is"))
    }
  }

  @Test(
    "a folder of scans gives the bytes that each scan alone gives, with a summary; several at a time, too")
  func folder() throws {
    try withProgram { program in
      try makeScans(program, ["a.nii.gz", "b.nii", "c.mha"])
      try writeFile([], to: program.path("scans/notes.txt"))
      let run = try infer(program, ["scans"], "-o", "out")
      #expect(run.status == 0, "\(run.messages)")
      #expect(run.output == "3 of 3 scans done; the results are in out, and index.html there shows them\n")
      #expect(run.messages.contains("passed over, since it is no image: scans/notes.txt"))
      #expect(run.messages.contains("1/3 a: ") && run.messages.contains("3/3 c: "))
      for name in ["a.nii.gz", "b.nii", "c.mha"] {
        let alone = try infer(program, ["scans/\(name)"], "-o", name)
        #expect(alone.status == 0, "\(alone.messages)")
        #expect(try fileBytes(program.path(name)) == fileBytes(program.path("out/\(name)")), "\(name)")
      }
      let names = try fileNames(in: program.path("out"))
      #expect(names.contains("a.nii.gz.voxtile.json") && names.contains("voxtile.journal"))
      let table = String(decoding: try fileBytes(program.path("out/summary.csv")), as: UTF8.self)
      #expect(
        table.split(separator: "\r\n").map { $0.prefix(6) } == ["case,s", "a,done", "b,done", "c,done"])
      let together = try infer(program, ["scans"], "-o", "two", "--parallel", "2")
      #expect(together.status == 0, "\(together.messages)")
      #expect(try results(program, in: "two") == results(program, in: "out"))
    }
  }

  @Test("a run goes on: what is done is not done again, and what has changed is, with the reason")
  func resumed() throws {
    try withProgram { program in
      try makeScans(program, ["a.nii", "b.nii"])
      #expect(try infer(program, ["scans"], "-o", "out").status == 0)
      let wanted = try results(program, in: "out")
      let refused = try infer(program, ["scans"], "-o", "out")
      #expect(refused.status == 1 && refused.messages.contains("2 of 2 results already"))
      #expect(refused.messages.contains("--resume") && refused.messages.contains("--force"))

      let again = try infer(program, ["scans"], "-o", "out", "--resume")
      #expect(again.status == 0 && again.output.hasPrefix("2 of 2 scans done, 2 of them before"), "\(again)")
      #expect(again.messages.contains("1/2 a: done before") && again.messages.contains("2/2 b: done before"))

      try writeFile(wanted["b.nii"]?.dropLast() ?? [], to: program.path("out/b.nii"))
      let mended = try infer(program, ["scans"], "-o", "out", "--resume")
      #expect(mended.messages.contains("b is done again: b.nii was changed after it was written"))
      #expect(mended.messages.contains("a: done before"))
      #expect(try results(program, in: "out") == wanted)

      let plan = try infer(program, ["scans"], "-o", "out", "--resume", "--overlap", "0.5", "--dry-run")
      #expect(plan.status == 0 && plan.output.contains("a: to do, since --overlap is 0.5 now"), "\(plan)")
      #expect(try results(program, in: "out") == wanted)
      let other = try infer(program, ["scans"], "-o", "out", "--resume", "--overlap", "0.5", "--jobs", "1")
      #expect(
        other.status == 0 && other.messages.contains("a is done again: --overlap is 0.5 now"), "\(other)")
      // The number of threads decides no bytes.
      let same = try infer(program, ["scans"], "-o", "out", "--resume", "--overlap=0.5", "--jobs", "2")
      #expect(same.output.hasPrefix("2 of 2 scans done, 2 of them before"), "\(same)")

      try FileManager.default.removeItem(atPath: program.path("scans/a.nii"))
      try program.makeImage("scans/a.nii", Extent(8))
      let changed = try infer(program, ["scans"], "-o", "out", "--resume", "--overlap", "0.5")
      #expect(changed.messages.contains("a is done again: image a.nii has changed"), "\(changed)")
      #expect(try program.info("out/a.nii").extent == Extent(8))
    }
  }

  @Test("a file that no run has made is kept by every run that goes on, and replaced where that is asked")
  func foreign() throws {
    try withProgram { program in
      try makeScans(program, ["a.nii", "b.nii"])
      try FileManager.default.createDirectory(atPath: program.path("out"), withIntermediateDirectories: true)
      try writeFile(Array("mine".utf8), to: program.path("out/a.nii"))
      for _ in 0..<2 {
        let run = try infer(program, ["scans"], "-o", "out", "--resume")
        #expect(run.status == 1 && run.messages.contains("failed   a: out/a.nii: exists"), "\(run)")
        #expect(try fileBytes(program.path("out/a.nii")) == Array("mine".utf8))
      }
      let forced = try infer(program, ["scans"], "-o", "out", "--force")
      #expect(forced.status == 0 && forced.output.hasPrefix("2 of 2 scans done;"), "\(forced)")
      #expect(try program.info("out/a.nii").extent.width == 9)
    }
  }

  @Test("a damaged scan is named, the others are done, and the exit status is 1", arguments: [false, true])
  func damaged(failsFast: Bool) throws {
    try withProgram { program in
      try makeScans(program, ["a.nii", "b.nii", "c.nii"])
      let whole = try fileBytes(program.path("scans/b.nii"))
      try writeFile(Array(whole.dropLast(100)), to: program.path("scans/b.nii"))
      let run = try infer(program, failsFast ? ["scans", "--fail-fast"] : ["scans"], "-o", "out")
      #expect(run.status == 1)
      let names = try fileNames(in: program.path("out"))
      #expect(names.contains("a.nii") && !names.contains("b.nii") && names.contains("c.nii") == !failsFast)
      guard !failsFast else { return }
      #expect(
        run.output == "2 of 3 scans done, 1 failed; the results are in out, and index.html there shows them\n"
      )
      #expect(
        run.messages.contains("failed   b: ") && run.messages.contains("2/3 b: scans/b.nii: "),
        "\(run.messages)")
      let summary = try program("summary", "out")
      #expect(
        summary.status == 1 && summary.output == run.output && summary.messages.contains("failed   b: "))
      try writeFile(whole, to: program.path("scans/b.nii"))
      let next = try infer(program, ["scans"], "-o", "out", "--resume")
      #expect(next.status == 0 && next.output.hasPrefix("3 of 3 scans done, 2 of them before"), "\(next)")
    }
  }

  @Test("several files are what the network takes: channels of one scan, or a scan each")
  func severalFiles() throws {
    try withProgram { program in
      for name in ["x.nii", "y.nii"] { try program.makeImage(name, Extent(9)) }
      let channels = try infer(program, ["x.nii", "y.nii"], network: "two_channels", "-o", "one.nii")
      #expect(channels.status == 0, "\(channels.messages)")
      #expect(try program.info("one.nii").extent == Extent(9))
      let cases = try infer(program, ["x.nii", "y.nii"], "-o", "many")
      #expect(cases.status == 0 && cases.output.hasPrefix("2 of 2 scans done"), "\(cases)")
      #expect(try results(program, in: "many").keys.sorted() == ["x.nii", "y.nii"])
      let unknown = try infer(program, ["x.nii", "y.nii"], network: "identity", "-o", "any")
      #expect(unknown.status == 64, "\(unknown)")
      #expect(unknown.messages.contains("--as-channels") && unknown.messages.contains("--as-cases"))
      let three = try infer(program, ["x.nii", "y.nii", "one.nii"], network: "two_channels", "-o", "any")
      #expect(three.status == 64 && three.messages.contains("3 channels in all, and the network takes 2"))
      #expect(!FileManager.default.fileExists(atPath: program.path("any")))
      let said = try infer(
        program, ["x.nii", "y.nii", "--as-channels"], network: "identity", "-o", "said.nii")
      #expect(said.status == 0, "\(said.messages)")
      let each = try infer(program, ["x.nii", "y.nii", "--as-cases"], network: "identity", "-o", "each")
      #expect(each.status == 0 && each.output.hasPrefix("2 of 2 scans done"), "\(each)")
    }
  }

  @Test("channels are found by nnU-Net's names or by endings, and a missing one is named before work begins")
  func channelNames() throws {
    try withProgram { program in
      try FileManager.default.createDirectory(
        atPath: program.path("other"), withIntermediateDirectories: true)
      for name in ["a_0000", "a_0001", "b_0000", "b_0001"] {
        try program.makeImage("other/\(name).nii", Extent(9))
      }
      let run = try infer(program, ["other"], network: "two_channels", "-o", "out")
      #expect(run.status == 0 && run.messages.contains("2 scans: names that end in _0000 to _0001"), "\(run)")
      #expect(try results(program, in: "out").keys.sorted() == ["a.nii", "b.nii"])
      // A network of one channel: the files are scans.
      let each = try infer(program, ["other"], "-o", "each")
      #expect(each.status == 0 && each.output.hasPrefix("4 of 4 scans done"), "\(each)")
      let named = try infer(
        program, ["other"], network: "two_channels", "--channels", "_0001,_0000", "-o", "turned")
      #expect(named.status == 0 && named.output.hasPrefix("2 of 2 scans done"), "\(named)")
      try FileManager.default.removeItem(atPath: program.path("other/b_0001.nii"))
      let missing = try infer(program, ["other"], network: "two_channels", "-o", "none")
      #expect(missing.status == 1 && missing.messages.contains("there is no b_0001"), "\(missing)")
      #expect(!FileManager.default.fileExists(atPath: program.path("none")))
    }
  }
}
