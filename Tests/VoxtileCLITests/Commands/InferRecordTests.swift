import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileTestSupport

@testable import VoxtileCLI

/// Whether the program finds ONNX Runtime.
private let canRun = (try? OnnxRuntime.open()) != nil

/// What `voxtile infer` writes beside a result, and what it warns of.
@Suite(
  "voxtile infer: records",
  .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
struct InferRecordTests {
  private static let extent = Extent(width: 12, height: 10, depth: 9)

  /// The parts of a record that are looked at.
  private struct Record: Decodable {
    struct File: Decodable {
      var name: String
      var bytes: Int
      var sha256: String
    }
    struct Engine: Decodable {
      var name: String
      var version: String
      var provider: String
    }
    struct Program: Decodable {
      var name: String
      var version: String
    }
    struct Output: Decodable {
      var name: String
      var kind: String
      var files: [File]?
    }
    struct Label: Decodable {
      var label: Int
      var name: String
    }
    struct Settings: Decodable {
      var patch: [Int]
      var predicted: [Int]
      var normalization: String
      var foreground: String?
      var timePoints: String
      var boxOrigin: [Int]
    }
    var version: Int
    var date: String
    var program: Program
    var engine: Engine
    var networks: [[File]]
    var inputs: [File]
    var mask: [File]?
    var outputs: [Output]
    var settings: Settings
    var labels: [Label]
    var warnings: [String]
  }

  private func record(_ program: Program, _ name: String) throws -> Record {
    try JSONDecoder().decode(Record.self, from: Data(fileBytes(program.path(name))))
  }

  /// The SHA-256 of a file, as the system's own program computes it.
  private func systemDigest(of path: String) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "sha256sum \"$0\" 2>/dev/null || shasum -a 256 \"$0\"", path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return String(text.prefix { $0 != " " })
  }

  @Test("a record says how a result was made: files by their digests, settings, labels and warnings")
  func record() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Self.extent)
      let run = try program(
        "infer", "a.nii.gz", "--model", model("two_classes"), "-o", "b.nii.gz", "--mask", "a.nii.gz",
        "--normalize", "zscore", "--foreground", "nonzero", "--report", "page.html", "--provider", "cpu")
      #expect(run.status == 0, "\(run.messages)")
      #expect(run.messages.contains("labels   0 background, 1 tumor core"))
      #expect(run.messages.contains("2x1.5x2.5 mm") && run.messages.contains("1x1x1 mm"))
      let page = String(decoding: try fileBytes(program.path("page.html")), as: UTF8.self)
      #expect(page.contains("{\"label\":1,\"name\":\"tumor core\"}"))
      let record = try record(program, "b.nii.gz.voxtile.json")
      #expect(record.version == 1 && record.program.name == "voxtile" && record.date.hasSuffix("Z"))
      #expect(record.program.version == LibraryVersion.current)
      let engine = record.engine
      #expect(engine.name == "onnxruntime" && engine.provider == "cpu" && engine.version.hasPrefix("1."))
      let digest = try systemDigest(of: program.path("a.nii.gz"))
      let count = try fileBytes(program.path("a.nii.gz")).count
      #expect(record.inputs.map(\.sha256) == [digest] && record.inputs[0].bytes == count)
      #expect(record.inputs[0].name == "a.nii.gz" && record.mask?.first?.sha256 == digest)
      #expect(record.networks.map { $0.map(\.sha256) } == [[try systemDigest(of: model("two_classes"))]])
      #expect(record.outputs.map(\.name) == ["b.nii.gz"] && record.outputs[0].kind == "labels")
      #expect(record.outputs[0].files?.map(\.sha256) == [try systemDigest(of: program.path("b.nii.gz"))])
      #expect(record.settings.patch == [8, 8, 8] && record.settings.normalization == "zscore")
      #expect(record.settings.foreground == "nonzero" && record.settings.timePoints == "channels")
      #expect(
        record.labels.map(\.name) == ["background", "tumor core"] && record.labels.map(\.label) == [0, 1])
      #expect(record.warnings.count == 1 && record.warnings[0].contains("mm"))
    }
  }

  @Test("--json prints the record, and each result has one")
  func json() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      let run = try program(
        "infer", "a.nii", "--model", model("valid"), "--patch", "6", "--output-kind", "labels,logits", "-o",
        "b.nii",
        "-o", "c.nii", "--json", "--activation", "sigmoid")
      #expect(run.status == 0, "\(run.messages)")
      let printed = try run.json(Record.self)
      #expect(printed.settings.patch == [6, 6, 6] && printed.settings.predicted == [4, 4, 4])
      #expect(printed.warnings.count == 1 && printed.warnings[0].contains("margin"))
      #expect(
        try fileNames(in: program.folder)
          == ["a.nii", "b.nii", "b.nii.voxtile.json", "c.nii", "c.nii.voxtile.json"])
      #expect(try record(program, "c.nii.voxtile.json").outputs.map(\.name) == ["b.nii", "c.nii"])
    }
  }

  @Test("what the engine says of a network is in the record of one scan, and of each of many")
  func networkWarnings() throws {
    try withProgram { program in
      try FileManager.default.createDirectory(atPath: program.path("s"), withIntermediateDirectories: false)
      try program.makeImage("s/a.nii", Self.extent)
      try program.makeImage("s/b.nii", Self.extent)
      let arguments = ["--model", model("warning"), "--patch", "6", "--provider", "cpu"]
      #expect(try program.run(["infer", "s/a.nii", "-o", "one.nii"] + arguments).status == 0)
      #expect(try program.run(["infer", "s", "-o", "many"] + arguments).status == 0)
      #expect(
        try program.run(["infer", "s/a.nii", "s/b.nii", "--as-cases", "-o", "listed"] + arguments).status == 0
      )
      for name in ["one.nii", "many/a.nii", "many/b.nii", "listed/b.nii"] {
        let warnings = try record(program, "\(name).voxtile.json").warnings
        #expect(warnings.contains { $0.contains("ONNX Runtime") }, "\(name): \(warnings)")
      }
    }
  }

  @Test("the schema knows every field of a record")
  func schema() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      let run = try program(
        "infer", "a.nii", "--model", model("scale_shift"), "--patch", "6", "-o", "b.nii", "--mask", "a.nii",
        "--labels", "0,1,2", "--skip-below=-5", "--foreground", "--compat", "monai", "--layout", "NCDHW",
        "--output-scale", "--output-name", "result")
      #expect(run.status == 0, "\(run.messages)")
      try expectFits(readObject(program.path("b.nii.voxtile.json")), "voxtile-prediction-1.schema.json")
    }
  }

  @Test("an older record is not touched without --force, and nothing is predicted then")
  func olderRecord() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      try writeFile([1], to: program.path("b.nii.voxtile.json"))
      let arguments = ["infer", "a.nii", "--model", model("identity"), "--patch", "8", "-o", "b.nii"]
      let refused = try program.run(arguments)
      #expect(refused.status == 1 && refused.messages.contains("b.nii.voxtile.json: exists already"))
      #expect(try fileNames(in: program.folder) == ["a.nii", "b.nii.voxtile.json"])
      #expect(try program.run(arguments + ["--force"]).status == 0)
      #expect(try record(program, "b.nii.voxtile.json").version == 1)
    }
  }

  @Test("several networks are an ensemble: the mean of their logits")
  func ensemble() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent, limit: 9)
      let run = try program(
        "infer", "a.nii", "--model", model("identity"), "--model", model("convolution"), "--model",
        model("scale_shift"),
        "--patch", "8", "-o", "b.nii")
      #expect(run.status == 1 && run.messages.contains("network 3 has"), "\(run.messages)")
      let twice = try program(
        "infer", "a.nii", "--model", model("flat"), "--model", model("flat"), "--patch", "8", "-o", "b.nii")
      #expect(twice.status == 64 && twice.messages.contains("names a network twice"))
      try writeFile(fileBytes(model("identity")), to: program.path("again.onnx"))
      let mean = try program(
        "infer", "a.nii", "--model", model("identity"), "--model", model("fixed"), "-o", "c.nii",
        "--output-kind", "logits")
      #expect(
        mean.status == 0 && mean.messages.contains("networks 2, of which the mean is taken"),
        "\(mean.messages)")
      // v and -v.
      let values = try ImageFormats.open(program.path("c.nii")).read(as: Float.self).voxels
      #expect(values.allSatisfy { $0 == 0 })
      #expect(try record(program, "c.nii.voxtile.json").networks.count == 2)
    }
  }

  @Test("each time point of a 4D file by itself, and a hint where that was not asked for")
  func timePoints() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Self.extent, channels: 3, limit: 9)
      let arguments = ["infer", "a.nii.gz", "--model", model("scale_shift"), "--patch", "8", "-o", "b.nii"]
      let hint = try program.run(arguments)
      #expect(hint.status == 1 && hint.messages.contains("--time-points separately"))
      let run = try program.run(arguments + ["--time-points", "separately"])
      #expect(run.status == 0, "\(run.messages)")
      #expect(try program.info("b.nii").channels == 3)
      #expect(try record(program, "b.nii.voxtile.json").settings.timePoints == "separately")
      for (other, message) in [
        (["--report", "p.html"], "--report shows one image"),
        (["--output-kind", "logits"], "no place for both"),
      ] {
        let refused = try program.run(arguments + ["--time-points", "separately", "--force"] + other)
        #expect(refused.status != 0 && refused.messages.contains(message), "\(refused.messages)")
      }
    }
  }

  @Test("--foreground takes a value or none, wherever it stands")
  func foreground() throws {
    try withProgram { program in
      var scan = Volume<Int16>(extent: Self.extent)
      scan[x: 3, y: 3, z: 3] = 5
      scan[x: 6, y: 6, z: 6] = -5
      try scan.write(to: program.path("a.nii"))
      for (arguments, box) in [
        (["--foreground", "a.nii"], [3, 3, 3]), (["a.nii", "--foreground"], [3, 3, 3]),
        (["--foreground", "positive", "a.nii"], [3, 3, 3]), (["--foreground=nonzero", "a.nii"], [3, 3, 3]),
        (["a.nii", "--foreground", "nonzero"], [3, 3, 3]), (["a.nii"], [0, 0, 0]),
      ] {
        let run = try program.run(
          ["infer"] + arguments + [
            "--model", model("identity"), "--patch", "4", "-o", "b.nii", "--force", "--json",
          ])
        #expect(run.status == 0, "\(arguments): \(run.messages)")
        let settings = try run.json(Record.self).settings
        #expect(settings.boxOrigin == box)
        let isNonZero = arguments.contains { $0.contains("nonzero") }
        #expect(settings.foreground == (isNonZero ? "nonzero" : box == [0, 0, 0] ? nil : "positive"))
      }
      let wrong = try program(
        "infer", "a.nii", "--foreground=brain", "--model", model("identity"), "--patch", "4", "-o", "b.nii",
        "--force")
      #expect(wrong.status == 64 && wrong.messages.contains("brain"))
    }
  }

  @Test("a checkpoint or a folder is answered with how to get a network")
  func foreign() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      try writeFile([1, 2], to: program.path("net.pth"))
      for (path, words) in [("net.pth", "checkpoint of PyTorch"), (".", "a folder")] {
        let run = try program("infer", "a.nii", "--model", path, "--patch", "8", "-o", "b.nii")
        #expect(run.status == 1 && run.messages.contains(words) && run.messages.contains("ABorrowedNetwork"))
      }
    }
  }

  @Test("a file that is not there is not left out of a record")
  func missingFile() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      let (here, gone) = (program.path("a.nii"), program.path("gone.onnx"))
      #expect(try PredictionRecord.files([here]).map(\.name) == ["a.nii"])
      let error = #expect(throws: VoxtileError.self) { try PredictionRecord.files([here, gone]) }
      #expect(error?.code == .fileAccess && error?.context.file == gone)
    }
  }
}
