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

/// What `voxtile infer` writes beside a result, what it warns of, and what it never writes over.
@Suite(
  "voxtile infer: records and files",
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

  /// A tiny model of the tests of VoxtileInference.
  private func model(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
      .appending(path: "VoxtileInferenceTests/Fixtures/models/\(name).onnx").path
  }

  private func record(_ program: Program, _ name: String) throws -> Record {
    try JSONDecoder().decode(Record.self, from: Data(fileBytes(program.path(name))))
  }

  @Test("a record says how a result was made: files by their digests, settings, labels and warnings")
  func record() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Self.extent)
      let run = try program(
        "infer", "a.nii.gz", "--model", model("two_classes"), "-o", "b.nii.gz", "--mask", "a.nii.gz",
        "--normalize", "zscore", "--foreground", "nonzero")
      #expect(run.status == 0, "\(run.messages)")
      #expect(run.messages.contains("labels   0 background, 1 tumor core"))
      #expect(run.messages.contains("2x1.5x2.5 mm") && run.messages.contains("1x1x1 mm"))
      let record = try record(program, "b.nii.gz.voxtile.json")
      #expect(record.version == 1 && record.program.name == "voxtile")
      #expect(record.program.version == LibraryVersion.current && record.date.hasSuffix("Z"))
      #expect(record.engine.name == "onnxruntime" && record.engine.version.hasPrefix("1."))
      #expect(record.engine.provider == "cpu")
      let (digest, count) = try SHA256.ofFile(program.path("a.nii.gz"))
      #expect(record.inputs.map(\.sha256) == [digest] && record.inputs[0].bytes == count)
      #expect(record.inputs[0].name == "a.nii.gz" && record.mask?.first?.sha256 == digest)
      #expect(record.networks.map { $0.map(\.sha256) } == [[try SHA256.ofFile(model("two_classes")).digest]])
      #expect(record.outputs.map(\.name) == ["b.nii.gz"] && record.outputs[0].kind == "labels")
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
}
