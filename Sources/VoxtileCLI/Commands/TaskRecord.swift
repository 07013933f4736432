import Voxtile
import VoxtileCases
import VoxtileInference

extension InferCommand {
  /// How the labels of several tasks were made.
  func record(_ outcome: TaskOutcome, of opened: OpenedTasks) throws -> PredictionRecord {
    let patches = outcome.report.tasks.map {
      PredictionRecord.Patches(predicted: $0.predictedPatches, skipped: $0.skippedPatches)
    }
    let first = opened.tasks[0].network
    let sources = try sources(of: first)
    return PredictionRecord(
      date: PredictionRecord.now, engine: sources.engine,
      networks: try opened.tasks.flatMap { try $0.network.files.map(PredictionRecord.files) },
      inputs: sources.inputs, mask: sources.mask,
      outputs: [try .init(files.output[0], kind: .labels, outcome.plan.info)],
      settings: nil, tasks: try records(of: outcome.plan, opened, patches: patches),
      cleaning: outcome.cleaning.map { .init($0, outcome.cleaned) },
      labels: outcome.plan.labels.names.map { .init(label: $0.label, name: $0.name) },
      patches: .init(
        predicted: patches.reduce(0) { $0 + $1.predicted }, skipped: patches.reduce(0) { $0 + $1.skipped }),
      warnings: opened.warnings.all + Set(opened.tasks.flatMap(\.network.warnings.all)).sorted())
  }

  /// Each task, with the settings that it had.
  private func records(
    of plan: TaskPlan, _ opened: OpenedTasks, patches: [PredictionRecord.Patches]
  ) throws -> [PredictionRecord.Task] {
    try zip(zip(plan.steps, opened.tasks), zip(opened.pipeline.tasks, patches)).map { task, done in
      let ((step, loaded), (member, patches)) = (task, done)
      return PredictionRecord.Task(
        name: step.name, networks: try loaded.network.files.map(PredictionRecord.files),
        settings: .init(
          member.pipeline.settings, step.plan, options: network, timePoints: series.timePoints),
        labels: plan.labels.entries.filter { $0.task == step.name }.map {
          .init(label: $0.label, value: $0.value, name: $0.name)
        }, patches: patches)
    }
  }

  /// Why a result is not what this run would make; `nil` where it is.
  func reasonToPredictAgain(
    _ earlier: PredictionRecord, _ plan: TaskPlan, of opened: OpenedTasks
  ) throws -> String? {
    let sources = try sources(of: opened.tasks[0].network)
    guard earlier.inputs == sources.inputs, earlier.mask == sources.mask else {
      return "the scan or the mask is another one"
    }
    guard let before = earlier.tasks else { return "it was made with one network" }
    guard before.map(\.name) == plan.steps.map(\.name) else { return "the tasks are others" }
    let now = try records(of: plan, opened, patches: before.map(\.patches))
    guard before.map(\.networks) == now.map(\.networks) else { return "the networks are others" }
    guard earlier.engine == sources.engine else {
      return
        "it was made by \(earlier.engine.name) \(earlier.engine.version), \(earlier.engine.provider)"
    }
    guard before.map(\.labels) == now.map(\.labels) else { return "the table of labels is another one" }
    let cleaning = try cleaning.cleaning(of: plan.info).map {
      PredictionRecordSettings.Cleaning($0, .init())
    }
    guard before == now, earlier.cleaning?.withoutFindings == cleaning else {
      return "the settings are others"
    }
    guard earlier.outputs.first?.files == (try PredictionRecord.files(ofImage: files.output[0])) else {
      return "\(files.output[0]) was changed since"
    }
    return nil
  }

  /// What one scan's labels are made from and with.
  func fingerprint(of tasks: [LoadedTasks.Member], settings: [String: String]) throws -> CaseFingerprint {
    var fingerprint = try fingerprint(of: tasks[0].network, networks: [], settings: settings)
    fingerprint.tools["the order of tasks"] = tasks.map(\.name).joined(separator: ", ")
    for task in tasks {
      for (number, path) in task.network.files.flatMap(\.self).enumerated() {
        let file = try PredictionRecord.files([path])[0]
        fingerprint.tools["task \(task.name), file \(number + 1) \(file.name)"] = file.sha256
      }
    }
    if let table = self.tasks.taskLabels {
      fingerprint.tools["the table of labels"] = try PredictionRecord.files([table])[0].sha256
    }
    return fingerprint
  }
}
