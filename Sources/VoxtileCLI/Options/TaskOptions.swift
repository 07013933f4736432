import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileInference

/// Several networks over one scan, each for labels of its own.
struct TaskOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A network for labels of its own, in place of --model: a name, and an ONNX file or the folder of an exported nnU-Net. Given once "
        + "for each task; the scan is read and resampled once. Where several tasks have a label, that of the last one stands. One name "
        + "given several times is an ensemble.",
      valueName: "name=net.onnx"))
  var task: [TaskArgument] = []

  @Option(
    name: .customLong("task-labels"),
    help: ArgumentHelp(
      "What the labels of tasks become: a table, a CSV file with the columns task, label, value and, if wished, name. Labels that it "
        + "does not name are left out. By default labels are counted on from task to task.",
      valueName: "table.csv"), completion: .file(extensions: ["csv", "tsv"]))
  var taskLabels: String?

  /// Whether there are tasks.
  var isGiven: Bool { !task.isEmpty }

  func validate() throws {
    if taskLabels != nil, task.isEmpty { throw ValidationError("--task-labels is for --task") }
    for (name, paths) in networks where Set(paths).count < paths.count {
      throw ValidationError("--task \(name) names a network twice: \(paths.joined(separator: ", "))")
    }
  }

  /// Everything that is read for tasks: their networks, and the table.
  var files: [String] { task.map(\.path) + [taskLabels].compactMap(\.self) }

  /// The names of the tasks in order, each with its networks.
  var networks: [(name: String, paths: [String])] {
    task.reduce(into: []) { tasks, task in
      if let index = tasks.firstIndex(where: { $0.name == task.name }) {
        tasks[index].paths.append(task.path)
      } else {
        tasks.append((task.name, [task.path]))
      }
    }
  }

  /// What the labels of tasks become; `nil` where no table is given.
  func labels() throws -> TaskLabels? {
    guard let taskLabels else { return nil }
    let labels = try TaskLabels(contentsOf: taskLabels)
    do {
      try labels.checkTasks(networks.map(\.name))
    } catch {
      throw error.inFile(taskLabels)
    }
    return labels
  }
}

/// A task and a network for it, as in `organs=organs.onnx`.
struct TaskArgument: ExpressibleByArgument {
  let name: String
  let path: String

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
      String.init)
    // As in a table, spaces around a name do not count.
    let name = parts[0].split(separator: " ").joined(separator: " ")
    guard parts.count == 2, !name.isEmpty, !parts[1].isEmpty else { return nil }
    (self.name, path) = (name, parts[1].withoutSlashesAtEnd)
  }
}

extension TaskArgument: ExplainedArgument {
  static func fault(in argument: String) -> String? {
    "a task is NAME=FILE, such as organs=organs.onnx"
  }
}

extension TaskLabels {
  /// Reads a table: a CSV or TSV file whose first line names its columns.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where it cannot be read, `VoxtileError.Code.malformedFile` where it is no such table,
  ///   which names the line, and as `init(_:)`.
  init(contentsOf path: String) throws {
    let rows = try SeparatedValues(contentsOf: path).rows
    func malformed(_ what: String, line: Int) -> VoxtileError {
      VoxtileError(.malformedFile, "line \(line) \(what)", context: .init(file: path))
    }
    let titles = rows.first?.values.map { $0.lowercased() } ?? []
    func column(_ title: String) throws -> Int {
      guard let index = titles.firstIndex(of: title), titles.count(where: { $0 == title }) == 1 else {
        throw malformed(
          "should name the columns task, label and value, each once, and if wished name; it names "
            + (titles.isEmpty ? "none" : titles.joined(separator: ", ")), line: 1)
      }
      return index
    }
    let (task, label, value) = (try column("task"), try column("label"), try column("value"))
    let name = titles.contains("name") ? try column("name") : nil
    let entries = try rows.dropFirst().map { row in
      guard row.values.count == titles.count else {
        throw malformed(
          "has \(row.values.count) values, but the first line names \(titles.count) columns", line: row.line)
      }
      func number(_ index: Int) throws -> Int {
        guard let number = Int(row.values[index]) else {
          throw malformed(
            "has '\(row.values[index])' as \(titles[index]), not a whole number", line: row.line)
        }
        return number
      }
      return Entry(
        task: row.values[task], label: try number(label), value: try number(value),
        name: name.map { row.values[$0] }.flatMap { $0.isEmpty ? nil : $0 })
    }
    do {
      try self.init(entries)
    } catch {
      throw error.inFile(path)
    }
  }
}
