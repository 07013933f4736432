import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileInference

/// The tasks of a prediction by several networks, and what their labels become.
struct LoadedTasks: Sendable {
  /// A task with its network.
  struct Member: Sendable {
    /// What the task is called.
    let name: String
    /// The files of the networks, one for each of an ensemble.
    let models: [String]
    /// The folder of an nnU-Net, where it is one.
    let nnunet: String?
    let network: LoadedNetwork
  }

  let members: [Member]
  /// `nil` to count them on from task to task.
  let labels: TaskLabels?

  var networks: [LoadedNetwork] { members.map(\.network) }
}

extension InferCommand {
  /// Throws where options are given that have no meaning with several tasks.
  func checkTaskOptions() throws {
    guard tasks.isGiven else { return }
    if !files.model.isEmpty || nnunet.nnunet != nil {
      throw ValidationError("use one of --task, --model and --nnunet")
    }
    guard files.outputKind.kinds == [.labels], !files.outputKind.storesPredictions else {
      throw ValidationError(
        "--task gives labels only; for \(files.outputKind.defaultValueDescription), predict with one network at a time (--model)"
      )
    }
    if result.labels != nil {
      throw ValidationError("--labels is for one network; with --task, --task-labels says what labels become")
    }
    if series.timePoints == .separately {
      throw ValidationError("--time-points separately is for one network; leave it or --task out")
    }
  }

  /// Loads the networks of all tasks.
  ///
  /// - Parameter labels: what their labels become.
  func loadTasks(labels: TaskLabels?) async throws -> LoadedTasks {
    let decided = nnUNetDecided.map(\.name)
    var members: [LoadedTasks.Member] = []
    for (name, paths) in tasks.networks {
      let folder = paths.first { FormatProbe($0).kind == .folder }
      if let folder { try checkTask(name, paths, folder) }
      let models = try folder.map { try NnUNetFolder($0, folds: nil).models } ?? paths
      let command = command(predictingWith: models, nnunet: folder)
      if folder != nil, !decided.isEmpty {
        Console.note(
          "task '\(name.printable)': the nnU-Net decides \(decided.joined(separator: ", ")) itself; what was given is for the other tasks"
        )
      }
      members.append(
        .init(name: name, models: models, nnunet: folder, network: try await command.loadNetwork()))
    }
    return LoadedTasks(members: members, labels: labels)
  }

  /// Throws where a task that is a folder does not fit what else was given.
  private func checkTask(_ name: String, _ paths: [String], _ folder: String) throws {
    guard paths.count == 1 else {
      throw ValidationError(
        "the task '\(name)' has \(paths.count) networks, one of them a folder; a folder has all folds of an nnU-Net, so name it alone"
      )
    }
    let others = tasks.networks.filter { task in !task.paths.contains { FormatProbe($0).kind == .folder } }
    // The mask is one for all tasks.
    if let option = nnUNetDecided.first(where: { others.isEmpty || $0.name == "--mask" }) {
      throw ValidationError("the nnU-Net of the task '\(name)' decides \(option.name) itself; leave that out")
    }
  }

  /// The command that predicts one task by itself, with the files of this one.
  func command(for task: LoadedTasks.Member) -> InferCommand {
    command(predictingWith: task.models, nnunet: task.nnunet)
  }

  private func command(predictingWith models: [String], nnunet: String?) -> InferCommand {
    var command = self
    command.tasks.task = []
    command.tasks.taskLabels = nil
    (command.files.model, command.nnunet.nnunet) = (models, nnunet)
    return command
  }

  /// What predicts a scan by tasks.
  ///
  /// - Parameter scan: the scan, open.
  func open(
    _ scan: (readers: [any VolumeReader], mask: (any VolumeReader)?), by loaded: LoadedTasks,
    warnings: PredictionWarnings, progress: JobProgress
  ) throws -> OpenedTasks {
    let members = try loaded.members.map { task in
      let opened = try command(for: task).open(
        scan, with: task.network, warnings: warnings, progress: progress)
      return TaskPipeline.Member(task.name, opened.pipeline)
    }
    return OpenedTasks(
      readers: scan.readers, mask: scan.mask, pipeline: try TaskPipeline(members, labels: loaded.labels),
      warnings: warnings, tasks: loaded.members)
  }
}

/// A scan that is open, with the networks that predict it.
struct OpenedTasks: Sendable {
  let readers: [any VolumeReader]
  let mask: (any VolumeReader)?
  let pipeline: TaskPipeline
  let warnings: PredictionWarnings
  let tasks: [LoadedTasks.Member]
}

/// What a prediction by tasks did.
struct TaskOutcome {
  let plan: TaskPlan
  let report: TaskPipeline.Report
  let watch: Stopwatch
  /// The voxels of each label as they are written.
  let labels: LabelCounts
  /// What labels were freed of, and what that changed.
  let cleaning: LabelCleaning?
  let cleaned: LabelCleaningWriter.Findings

  var predictedPatches: Int { report.tasks.reduce(0) { $0 + $1.predictedPatches } }
  var skippedPatches: Int { report.tasks.reduce(0) { $0 + $1.skippedPatches } }
  var modelSeconds: Double { report.tasks.reduce(0) { $0 + $1.modelSeconds } }
  var seconds: Double { report.tasks.reduce(0) { $0 + $1.seconds } }
}
