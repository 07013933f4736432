import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileInference
import VoxtileReport

extension InferCommand {
  /// Predicts with the networks of several tasks.
  func predictByTasks() async throws {
    // What can be known to be wrong is known before networks are loaded.
    let labels = try tasks.labels()
    let chosen = try selection()
    if chosen == .one {
      try checkOneByTasks()
      _ = try replacingEarlier().openFiles(PredictionWarnings())
    }
    let loaded = try await loadTasks(labels: labels)
    let isOne = try chosen == .one || chosen == .knownByNetwork && takesAsChannels(loaded.networks[0])
    guard isOne else { return try await predictManyByTasks(loaded) }
    try await namingScan { try await predictOneByTasks(loaded) }
  }

  private func checkOneByTasks() throws {
    try files.checkCount()
    if running.part != nil {
      throw ValidationError("--part shares out many scans; with --task, a scan is not shared out")
    }
    try running.checkAreNotGiven(but: "--resume")
    try cases.checkAreNotGiven()
    if let labels = truth.truth { _ = try Input.open(labels) }
  }

  /// The command that replaces what an earlier run has finished: that is looked at, and replaced only where it is not what this run
  /// would make.
  private func replacingEarlier() -> InferCommand {
    var command = self
    if earlierRecords() != nil { command.replacing.force = true }
    return command
  }

  /// Predicts one scan, unless an earlier run has made the same, and prints what came of it.
  private func predictOneByTasks(_ loaded: LoadedTasks) async throws {
    try checkOneByTasks()
    let earlier = earlierRecords()?.first
    let command = replacingEarlier()
    let warnings = PredictionWarnings()
    let scan = try command.openFiles(warnings)
    let bar = ProgressBar("infer")
    defer { bar.clear() }
    let watch = Stopwatch("infer")
    let opened = try command.open(scan, by: loaded, warnings: warnings, progress: bar.progress)
    let plan = try await opened.pipeline.plan(scan.readers, mask: scan.mask)
    bar.clear()
    if let earlier {
      guard let reason = try command.reasonToPredictAgain(earlier, plan, of: opened) else {
        return try Console.done(
          "\(files.output[0].printable) was finished before, from the same files with the same settings",
          files: files.output, json: printing.json ? earlier : nil)
      }
      Console.note("again    \(files.output[0].printable), since \(reason.printable)")
    }
    guard announce(plan, of: opened) else { return }
    let outcome = try await command.predict(opened, plan: plan, watch)
    bar.clear()
    outcome.watch.say()
    let record = try command.finish(outcome, of: opened)
    if outcome.cleaning != nil { Console.note(PredictionOutcome.summary(of: outcome.cleaned)) }
    sayTruth(extent: plan.info.extent, names: plan.labels.names)
    try Console.done(
      PredictionOutcome.summary(
        predicted: outcome.predictedPatches, skipped: outcome.skippedPatches, seconds: outcome.seconds,
        modelSeconds: outcome.modelSeconds, writtenTo: files.output), files: files.output,
      json: printing.json ? record : nil)
  }

  /// Prints what a prediction takes and what should be known of it.
  ///
  /// - Returns: whether it is made, and not only planned.
  func announce(_ plan: TaskPlan, of opened: OpenedTasks) -> Bool {
    var lines: [String] = []
    for (step, task) in zip(plan.steps, opened.tasks) {
      lines.append("task     \(step.name.printable)")
      lines.append(
        InferenceSummary(
          step.plan, networks: task.models.count, engine: task.network.engineText
        ).text)
    }
    let scratch = plan.scratchBytes > 0 ? ", \(Console.bytes(plan.scratchBytes)) of scratch" : ""
    lines.append(
      """
      result   \(Console.count(plan.steps.count, "task")) in one map: \(Self.words(for: plan.labels).printable)
      memory   \(Console.bytes(plan.peakBytes)) and the networks' own\(scratch)
      time     about \(Console.duration(plan.seconds.rounded(.up)))
      """)
    let text = lines.joined(separator: "\n")
    if planning.dryRun { Console.error(text) } else { Console.note(text) }
    sayRemarks(plan, opened.warnings)
    guard !planning.dryRun else { return false }
    Console.detail(
      "reads \(input.joined(separator: ", ")); writes \(files.output.joined(separator: ", "))".printable)
    return true
  }

  /// The values of the result, with their names, as far as one line has room for them.
  private static func words(for labels: TaskLabels) -> String {
    let names = Dictionary(labels.names.map { ($0.label, " \($0.name)") }) { first, _ in first }
    let values = Set(labels.entries.map(\.value)).subtracting([0]).sorted()
    let more = values.count > 12 ? " and \(Console.grouped(values.count - 10)) more" : ""
    return values.prefix(values.count > 12 ? 10 : 12).map { "\($0)\(names[$0] ?? "")" }.joined(
      separator: ", ")
      + more
  }

  /// Prints what should be known of a prediction before it is made.
  func sayRemarks(_ plan: TaskPlan, _ warnings: PredictionWarnings) {
    for (step, unlisted) in zip(plan.steps, plan.unlisted) {
      for remark in step.plan.remarks {
        warnings.say("task '\(step.name)': \(remark.description { $0.inOptions })")
      }
      guard !unlisted.isEmpty else { continue }
      let shown = unlisted.prefix(8).map(String.init).joined(separator: ", ")
      let (verb, them) = unlisted.count == 1 ? ("is", "it") : ("are", "them")
      warnings.say(
        "task '\(step.name)': \(Console.count(unlisted.count, "label")) of its network \(verb) left out, since the table does not list "
          + "\(them): \(shown)\(unlisted.count > 8 ? "..." : ""); give \(them) the value 0 where that is meant"
      )
    }
  }

  /// Predicts a scan as planned.
  func predict(_ opened: OpenedTasks, plan: TaskPlan, _ watch: Stopwatch) async throws -> TaskOutcome {
    let file = try ImageFormats.create(
      files.output[0], info: plan.info, options: writeOptions(over: plan.info))
    let counts = LabelCounts(of: plan.info.scalarType)
    let observed = WriterObserver(plan.info, passingTo: file) { counts.count($0) }
    let chosen = try cleaning.cleaning(of: plan.info)
    let cleaner = try cleaner(chosen, peakBytes: plan.peakBytes, to: observed)
    let report = try await opened.pipeline.run(plan, to: cleaner ?? observed)
    for (number, step) in plan.steps.enumerated() {
      if report.tasks[number].predictedPatches == 0 {
        opened.warnings.say(
          "task '\(step.name)': no patch was predicted, since all \(Console.grouped(report.tasks[number].skippedPatches)) hold background only"
        )
      }
      if report.replacedVoxels[number] > 0 {
        opened.warnings.say(
          "task '\(step.name)': \(Console.count(report.replacedVoxels[number], "voxel")) already had a label of an earlier task; the label of '\(step.name)' stands"
        )
      }
      // Where the labels of a network are known, the plan has told those.
      if report.unlistedVoxels[number] > 0, plan.unlisted[number].isEmpty {
        opened.warnings.say(
          "task '\(step.name)': \(Console.count(report.unlistedVoxels[number], "voxel")) have labels that the table does not list; this task leaves them as they were"
        )
      }
    }
    return TaskOutcome(
      plan: plan, report: report, watch: watch, labels: counts, cleaning: chosen,
      cleaned: cleaner?.findings ?? .init())
  }

  /// Writes what belongs to a prediction besides its labels: how it was made, and the page.
  func finish(_ outcome: TaskOutcome, of opened: OpenedTasks) throws -> PredictionRecord {
    let record = try record(outcome, of: opened)
    // The digests in the record have to be those of what was predicted.
    for reader in opened.readers + [opened.mask].compactMap(\.self) { try reader.checkFileUnchanged() }
    for task in opened.tasks { try task.network.checkUnchanged() }
    try record.write(beside: files.output[0], replacing: replacing.force)
    let networks = opened.tasks.map { "\($0.name): \($0.models.map(\.fileName).joined(separator: ", "))" }
    try page.write(
      after: [outcome.watch.step], replacing: replacing.force,
      prediction: ReportData.Prediction(
        model: networks.joined(separator: "; "),
        labelNames: outcome.plan.labels.names.map { .init(label: $0.label, name: $0.name) })
    ) {
      // Each task has patches of its own; those of the first one are shown.
      var request = ReportRequest(
        image: input[0], grid: try outcome.plan.steps[0].plan.gridOverScan()
      ).limited(by: limits)
      request.overlays = files.output
      return request
    }
    return record
  }
}
