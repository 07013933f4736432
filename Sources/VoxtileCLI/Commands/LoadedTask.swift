import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileInference

/// A task of a prediction by several networks, with its network.
struct LoadedTask {
  /// What the task is called.
  let name: String
  let network: LoadedNetwork
  /// The command that predicts this task by itself.
  let command: InferCommand
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
  func loadTasks() async throws -> [LoadedTask] {
    var loaded: [LoadedTask] = []
    for (name, paths) in tasks.networks {
      let command = try command(predictingWith: paths, task: name)
      loaded.append(LoadedTask(name: name, network: try await command.loadNetwork(), command: command))
    }
    return loaded
  }

  /// The command that predicts one task by itself.
  private func command(predictingWith paths: [String], task: String) throws -> InferCommand {
    var command = self
    command.tasks.task = []
    command.tasks.taskLabels = nil
    guard let folder = paths.first(where: { FormatProbe($0).kind == .folder }) else {
      command.files.model = paths
      return command
    }
    guard paths.count == 1 else {
      throw ValidationError(
        "the task '\(task)' has \(paths.count) networks, one of them a folder; a folder has all folds of an nnU-Net, so name it alone"
      )
    }
    command.nnunet.nnunet = folder
    try command.checkNnUNetOptions("the nnU-Net of the task '\(task)'")
    command.files.model = try command.nnunet.folder()?.models ?? []
    return command
  }

  /// What predicts a scan by tasks.
  ///
  /// - Parameter scan: the scan, open.
  func open(
    _ scan: (readers: [any VolumeReader], mask: (any VolumeReader)?), by loaded: [LoadedTask],
    warnings: PredictionWarnings, progress: JobProgress
  ) throws -> OpenedTasks {
    let members = try loaded.map { task in
      // With the files of this command, which may be those of one of many scans.
      var command = task.command
      (command.input, command.files.output, command.patches.mask) = (input, files.output, patches.mask)
      let opened = try command.open(scan, with: task.network, warnings: warnings, progress: progress)
      return TaskPipeline.Member(task.name, opened.pipeline)
    }
    return OpenedTasks(
      readers: scan.readers, mask: scan.mask, pipeline: try TaskPipeline(members, labels: try tasks.labels()),
      warnings: warnings, tasks: loaded)
  }
}

/// A scan that is open, with the networks that predict it.
struct OpenedTasks: Sendable {
  let readers: [any VolumeReader]
  let mask: (any VolumeReader)?
  let pipeline: TaskPipeline
  let warnings: PredictionWarnings
  let tasks: [LoadedTask]
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
