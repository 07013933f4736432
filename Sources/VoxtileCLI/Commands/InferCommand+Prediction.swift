import Voxtile
import VoxtileFormats
import VoxtileInference

/// What a prediction did.
struct PredictionOutcome {
  let plan: InferencePlan
  /// What was written, where that is not what the plan says of one time point.
  var infos: [PredictionKind: VolumeInfo] = [:]
  var predictedPatches = 0
  var skippedPatches = 0
  var seconds = 0.0
  var modelSeconds = 0.0
  let watch: Stopwatch
  var evidence: PredictionEvidence?

  /// Adds what one scan took.
  mutating func add(_ report: PatchPipeline.Report) {
    predictedPatches += report.predictedPatches
    skippedPatches += report.skippedPatches
    seconds += report.seconds
    modelSeconds += report.modelSeconds
  }

  /// One line about it.
  func summary(writtenTo outputs: [String]) -> String {
    let skipped = skippedPatches > 0 ? ", \(Console.grouped(skippedPatches)) skipped" : ""
    let share = seconds > 0 ? modelSeconds / seconds * 100 : 0
    return "\(Console.count(predictedPatches, "patch")) predicted\(skipped) in "
      + "\(Console.rounded(seconds, decimals: 1)) s, of which the network took "
      + "\(Console.rounded(share, decimals: 0)) %; written to \(outputs.joined(separator: ", ").printable)"
  }
}

extension InferCommand {
  /// Predicts one scan; `nil` after a dry run.
  func predictScan(
    _ readers: [any VolumeReader], mask: (any VolumeReader)?, _ pipeline: PatchPipeline, _ bar: ProgressBar,
    _ warnings: PredictionWarnings
  ) async throws -> PredictionOutcome? {
    let shown: Set<PredictionKind> = page.report == nil ? [] : [.confidence, .disagreement]
    // Planning reads intensities and predicts the first batch, which is part of the work.
    let watch = Stopwatch("infer")
    let plan = try await pipeline.plan(readers, mask: mask, kinds: shown.union(files.outputKind.kinds))
    guard announce(plan, warnings) else { return nil }
    var writers: [PredictionKind: any VolumeWriter] = [:]
    for (kind, path) in files.targets { writers[kind] = try writer(plan.info(of: kind), to: path) }
    let evidence =
      page.report == nil
      ? nil
      : try PredictionEvidence(plan, disagreementFile: files.targets.first { $0.kind == .disagreement }?.path)
    writers = try evidence?.watching(writers) ?? writers
    var outcome = PredictionOutcome(plan: plan, watch: watch, evidence: evidence)
    outcome.add(try await pipeline.run(plan, to: writers))
    return outcome
  }

  /// Predicts each time point of a 4D image by itself; `nil` after a dry run.
  func predictTimePoints(
    of reader: any VolumeReader, mask: (any VolumeReader)?, _ pipeline: PatchPipeline, _ bar: ProgressBar,
    _ warnings: PredictionWarnings
  ) async throws -> PredictionOutcome? {
    let kinds = Set(files.outputKind.kinds)
    let series = try TimeSeries(of: reader, kinds: kinds) { try Interrupt.check() }
    let watch = Stopwatch("infer")
    var outcome: PredictionOutcome?
    for time in 0..<series.count {
      var settings = pipeline.settings
      settings.progress = JobProgress { done, total in
        try bar.progress(done + time * total, of: total * series.count)
      }
      let one = PatchPipeline(model: pipeline.model, settings: settings)
      let plan = try await one.plan([series.scan(at: time)], mask: mask, kinds: kinds)
      if time == 0 {
        Console.note("time     \(Console.count(series.count, "point")), each predicted by itself")
        guard announce(plan, warnings) else { return nil }
        outcome = PredictionOutcome(plan: plan, watch: watch)
      }
      outcome?.add(try await one.run(plan, to: series.writers(at: time, of: plan, kinds: kinds)))
    }
    guard var outcome else { return nil }
    for (kind, path) in files.targets {
      let info = series.info(of: kind, as: outcome.plan)
      outcome.infos[kind] = info
      try series.write(kind, to: writer(info, to: path))
    }
    return outcome
  }

  /// Prints what a prediction takes and what should be known of it.
  ///
  /// - Returns: whether it is made, and not only planned.
  private func announce(_ plan: InferencePlan, _ warnings: PredictionWarnings) -> Bool {
    let text = InferenceSummary(plan, networks: files.model.count).text
    if planning.dryRun { Console.error(text) } else { Console.note(text) }
    for remark in plan.remarks { warnings.say(remark.description { $0.inOptions }) }
    guard !planning.dryRun else { return false }
    Console.detail(
      "reads \(input.joined(separator: ", ")); writes \(files.output.joined(separator: ", "))".printable)
    return true
  }

  private func writer(_ info: VolumeInfo, to path: String) throws -> any VolumeWriter {
    try ImageFormats.create(
      path, info: info,
      options: WriteOptions(
        isReplacing: replacing.force, compression: compression.level, jobs: limits.limits.jobs.count))
  }
}
