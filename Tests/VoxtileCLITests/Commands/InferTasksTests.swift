import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileTestSupport

@testable import VoxtileCLI

/// Whether the program finds ONNX Runtime.
private let canRun = (try? OnnxRuntime.open()) != nil

/// `voxtile infer --task`: several networks, one map of labels.
@Suite(
  "voxtile infer: tasks",
  .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
struct InferTasksTests {
  private static let extent = Extent(width: 10, height: 9, depth: 8)

  /// Two networks whose label 1 is above the mean, for the second one with patches of another size.
  private func tasks(_ program: Program) throws -> [String] {
    let other = program.path("other.onnx")
    if !FileManager.default.fileExists(atPath: other) {
      try FileManager.default.copyItem(atPath: model("two_classes"), toPath: other)
    }
    return [
      "--task", "first=\(model("two_classes"))", "--task", "second=\(other)", "--normalize", "zscore",
      "--spacing", "keep",
    ]
  }

  private func table(_ program: Program, _ rows: String, named name: String = "table.csv") throws {
    try writeFile(Array("task,label,value,name\n\(rows)\n".utf8), to: program.path(name))
  }

  private func labels(_ program: Program, _ path: String) throws -> [Float] {
    let file = try ImageFormats.open(program.path(path))
    return try file.readReal(Region(file.info.extent), jobs: .one).voxels
  }

  @Test("one map of all labels, a record that fits the schema, and a page with their names")
  func one() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      try table(program, "first,1,700,bright\nsecond,1,700,bright")
      let run = try program.run(
        ["infer", "a.nii", "-o", "all.nii", "--task-labels", "table.csv", "--report", "page.html", "--json"]
          + tasks(program))
      #expect(run.status == 0, "\(run.messages)")
      let alone = try program.run(
        [
          "infer", "a.nii", "-o", "one.nii", "--model", model("two_classes"), "--normalize", "zscore",
          "--spacing", "keep",
        ])
      #expect(alone.status == 0)
      #expect(try labels(program, "all.nii") == labels(program, "one.nii").map { $0 == 1 ? 700 : 0 })
      #expect(try program.info("all.nii").metadata.affine == program.info("a.nii").metadata.affine)
      #expect(run.messages.contains("result   2 tasks in one map: 700 bright"), "\(run.messages)")
      try expectFits(
        readObject(program.path("all.nii.voxtile.json")), "voxtile-prediction-1.schema.json")
      let record = try #require(PredictionRecord(beside: program.path("all.nii")))
      #expect(record.settings == nil && record.tasks?.map(\.name) == ["first", "second"])
      #expect(record.networks.count == 2 && record.labels.map(\.label) == [700])
      #expect(record.tasks?[1].labels == [.init(label: 1, value: 700, name: "bright")])
      #expect(String(decoding: try fileBytes(program.path("page.html")), as: UTF8.self).contains("bright"))
    }
  }

  @Test("what is finished is known, until a network, the table or a setting is another one")
  func resumed() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      try table(program, "first,1,1,\nsecond,1,2,")
      let arguments = ["infer", "a.nii", "-o", "all.nii", "--task-labels", "table.csv", "--resume"]
      func again(_ more: String...) throws -> String {
        let run = try program.run(arguments + tasks(program) + more)
        #expect(run.status == 0, "\(run.messages)")
        return run.output + run.messages
      }
      #expect(try again().contains("patches predicted"))
      #expect(try again().contains("was finished before, from the same files with the same settings"))
      #expect(try again("--patch", "6").contains("since the settings are others"))
      #expect(try again("--patch", "6", "--keep-largest", "all").contains("since the settings are others"))
      try table(program, "first,1,1,\nsecond,1,3,")
      #expect(
        try again("--patch", "6", "--keep-largest", "all").contains(
          "since the table of labels is another one"))
      #expect(Set(try labels(program, "all.nii")) == [0, 3])
      try FileManager.default.removeItem(atPath: program.path("other.onnx"))
      try FileManager.default.copyItem(atPath: model("scale_shift"), toPath: program.path("other.onnx"))
      try table(program, "first,1,1,\nsecond,2,3,")
      #expect(try again("--patch", "6").contains("since the networks are others"))
    }
  }

  @Test("many scans, whose summary has all labels; what is done is not done again, but with another table")
  func many() throws {
    try withProgram { program in
      try FileManager.default.createDirectory(
        atPath: program.path("scans"), withIntermediateDirectories: true)
      for name in ["a", "b"] { try program.makeImage("scans/\(name).nii", Self.extent) }
      try table(program, "first,1,1,dark\nsecond,1,2,bright")
      let arguments = try ["infer", "scans", "-o", "out", "--task-labels", "table.csv"] + tasks(program)
      let run = try program.run(arguments + ["--reports"])
      #expect(run.status == 0, "\(run.messages)")
      #expect(run.messages.contains("task 'second': "), "\(run.messages)")
      #expect(try fileNames(in: program.path("out")).contains("b.html"))
      let summary = String(decoding: try fileBytes(program.path("out/summary.csv")), as: UTF8.self)
      #expect(summary.contains("2 bright voxels"), "\(summary)")
      let one = try program.run(
        ["infer", "scans/b.nii", "-o", "b.nii", "--task-labels", "table.csv"] + tasks(program))
      #expect(one.status == 0)
      #expect(try labels(program, "out/b.nii") == labels(program, "b.nii"))
      let again = try program.run(arguments + ["--resume"])
      #expect(
        again.output.hasPrefix("2 of 2 scans done, 2 of them before"), "\(again.output)\(again.messages)")
      try table(program, "first,1,1,dark\nsecond,1,5,bright")
      let other = try program.run(arguments + ["--resume"])
      #expect(other.output.hasPrefix("2 of 2 scans done; "), "\(other.output)\(other.messages)")
      #expect(Set(try labels(program, "out/a.nii")) == [0, 5])
    }
  }

  @Test("an exported nnU-Net is a task, with its own labels and names")
  func nnunet() throws {
    try withProgram { program in
      let fixtures = URL(filePath: model("two_classes")).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "nnunet").path
      let files = (0...1).map { "\(fixtures)/B_000\($0).nii.gz" }
      let rest = ["--mirror", "none", "--quiet"]
      let task = try program.run(
        ["infer"] + files + ["--task", "core=\(fixtures)/regions/", "-o", "a.nii.gz"] + rest)
      #expect(task.status == 0, "\(task.messages)")
      let alone = try program.run(
        ["infer"] + files + ["--nnunet", "\(fixtures)/regions", "-o", "b.nii.gz"] + rest)
      #expect(alone.status == 0, "\(alone.messages)")
      #expect(try labels(program, "a.nii.gz") == labels(program, "b.nii.gz"))
      let names = try #require(PredictionRecord(beside: program.path("b.nii.gz"))).labels.map(\.name)
      let found = try #require(PredictionRecord(beside: program.path("a.nii.gz"))).labels.map(\.name)
      #expect(!names.isEmpty && found == names)
      let refused = try program.run(
        ["infer"] + files + ["--task", "core=\(fixtures)/regions", "-o", "c.nii.gz", "--patch", "8"])
      #expect(
        refused.status == 64
          && refused.messages.contains("the nnU-Net of the task 'core' decides --patch itself"),
        "\(refused.messages)")
    }
  }

  @Test(
    "what has no meaning with tasks is refused, and nothing is written",
    arguments: [
      (["--task", "x=m.onnx", "--model", "m.onnx"], "use one of --task, --model and --nnunet"),
      (["--task", "m.onnx"], "a task is NAME=FILE, such as organs=organs.onnx"),
      (["--task", "=m.onnx"], "a task is NAME=FILE"),
      (["--task", "x=m.onnx", "--task", "x=m.onnx"], "--task x names a network twice: m.onnx, m.onnx"),
      (["--task", " =m.onnx"], "a task is NAME=FILE"),
      (["--task-labels", "t.csv", "--model", "m.onnx"], "--task-labels is for --task"),
      (["--task", "x=m.onnx", "--output-kind", "confidence"], "--task gives labels only; for confidence"),
      (["--task", "x=m.onnx", "--labels", "0,1"], "--labels is for one network"),
      (["--task", "x=m.onnx", "--time-points", "separately"], "is for one network"),
      (["--task", "x=m.onnx", "--part", "1/2"], "--part shares out many scans"),
      (["--task", "x=none.onnx"], "none.onnx"),
      (["--task", "x=m.onnx", "--task-labels", "none.csv"], "none.csv"),
      (["--task", "x=m.onnx", "--task-labels", "columns.csv"], "columns task, label and value, each once"),
      (
        ["--task", "x=m.onnx", "--task-labels", "number.csv"],
        "number.csv: line 3 has 'one' as label, not a whole number"
      ),
      (
        ["--task", "x=m.onnx", "--task-labels", "short.csv"],
        "line 2 has 2 values, but the first line names 3 columns"
      ),
      (
        ["--task", "x=m.onnx", "--task-labels", "other.csv"],
        "other.csv: the table of labels has a task 'y', but the tasks are 'x'"
      ),
      (
        ["--task", "x=m.onnx", "--task-labels", "absent.csv"],
        "what label 7 of the task 'x' becomes, but its network gives 0, 1"
      ),
    ])
  func refused(arguments: [String], message: String) throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      try FileManager.default.copyItem(atPath: model("two_classes"), toPath: program.path("m.onnx"))
      for (name, text) in [
        ("columns", "task,label\nx,1"), ("number", "task,label,value\nx,1,1\nx,one,1"),
        ("short", "task,label,value\nx,1"), ("other", "task,label,value\ny,1,1"),
        ("absent", "task,label,value\nx,7,1"),
      ] { try writeFile(Array(text.utf8), to: program.path("\(name).csv")) }
      let before = try fileNames(in: program.folder)
      let run = try program.run(
        ["infer", "a.nii", "-o", "b.nii", "--normalize", "zscore", "--spacing", "keep"] + arguments)
      #expect(run.status != 0 && run.messages.contains(message), "\(run.messages)")
      #expect(try fileNames(in: program.folder) == before)
    }
  }

  @Test("networks and the table are never written over, and a dry run writes nothing")
  func untouched() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      try table(program, "first,1,1,\nsecond,1,2,", named: "table.nii")
      let arguments = try ["infer", "a.nii", "--task-labels", "table.nii", "--force"] + tasks(program)
      let refused = try program.run(arguments + ["-o", "table.nii"])
      #expect(
        refused.status == 1 && refused.messages.contains("must not be written over"), "\(refused.messages)")
      let run = try program.run(arguments + ["-o", "b.nii", "--dry-run"])
      #expect(run.status == 0 && run.messages.contains("task     second\npatches"), "\(run.messages)")
      #expect(!FileManager.default.fileExists(atPath: program.path("b.nii")))
    }
  }

  @Test("memory is shared out between scans that are predicted at the same time")
  func parallel() throws {
    try withProgram { program in
      try FileManager.default.createDirectory(
        atPath: program.path("scans"), withIntermediateDirectories: true)
      for name in ["a", "b"] { try program.makeImage("scans/\(name).nii", Self.extent) }
      let arguments = try ["infer", "scans", "-o", "out", "--memory", "190MiB"] + tasks(program)
      let shared = try program.run(arguments + ["--parallel", "2"])
      #expect(
        shared.status == 1 && shared.messages.contains("a memory limit of 95 MiB is too low"),
        "\(shared.messages)")
      #expect(try program.run(arguments + ["--force"]).status == 0)
    }
  }

  @Test("what is wrong is known before networks are loaded, and of many scans once")
  func early() throws {
    try withProgram { program in
      try FileManager.default.createDirectory(
        atPath: program.path("scans"), withIntermediateDirectories: true)
      for name in ["a", "b"] { try program.makeImage("scans/\(name).nii", Self.extent) }
      try writeFile([1], to: program.path("there.nii"))
      let network = ["--task", "x=none.onnx"]
      let there = try program.run(["infer", "scans/a.nii", "-o", "there.nii"] + network)
      #expect(there.status == 1 && there.messages.contains("exists already"), "\(there.messages)")
      try table(program, "y,1,1,")
      let named = try program.run(["infer", "scans", "-o", "out", "--task-labels", "table.csv"] + network)
      #expect(named.status == 1 && named.messages.contains("table.csv: the table of labels has a task 'y'"))
      #expect(try !fileNames(in: program.folder).contains("out"))
    }
  }

  @Test("a task whose patches hold background only is told, and so is another order of tasks")
  func told() throws {
    try withProgram { program in
      try FileManager.default.createDirectory(
        atPath: program.path("scans"), withIntermediateDirectories: true)
      try program.makeImage("scans/a.nii", Self.extent)
      let empty = try program.run(
        ["infer", "scans/a.nii", "-o", "b.nii", "--skip-below", "100000", "--json"] + tasks(program))
      #expect(empty.status == 0, "\(empty.messages)")
      let words = "task 'second': no patch was predicted, since all 4 hold background only"
      #expect(empty.messages.contains(words), "\(empty.messages)")
      #expect(try #require(PredictionRecord(beside: program.path("b.nii"))).warnings.contains(words))
      let arguments = try tasks(program)
      #expect(try program.run(["infer", "scans", "-o", "out"] + arguments).status == 0)
      let swapped = Array(arguments[2..<4] + arguments[0..<2] + arguments[4...])
      let again = try program.run(["infer", "scans", "-o", "out", "--resume"] + swapped)
      #expect(
        again.messages.contains(
          "is done again: the order of tasks was first, second and is second, first now"),
        "\(again.messages)")
    }
  }

  @Test("options that an nnU-Net decides itself are for the other tasks, which is said")
  func mixed() throws {
    try withProgram { program in
      let fixtures = URL(filePath: model("two_classes")).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "nnunet").path
      let run = try program.run(
        ["infer"] + (0...1).map { "\(fixtures)/B_000\($0).nii.gz" } + [
          "--task", "core=\(fixtures)/regions", "--task", "other=\(model("two_channels"))", "--patch", "12",
          "-o",
          "a.nii.gz", "--mirror", "none",
        ])
      #expect(run.status == 0, "\(run.messages)")
      #expect(
        run.messages.contains(
          "task 'core': the nnU-Net decides --patch itself; what was given is for the other tasks"),
        "\(run.messages)")
    }
  }
}
