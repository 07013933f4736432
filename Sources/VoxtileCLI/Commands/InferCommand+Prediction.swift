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
  /// Patches that a run which was stopped had done.
  var resumedPatches = 0
  var seconds = 0.0
  var modelSeconds = 0.0
  let watch: Stopwatch
  var evidence: PredictionEvidence?
  /// What labels were freed of, and what that changed in all.
  var cleaning: LabelCleaning?
  var cleaned = LabelCleaningWriter.Findings()

  /// Adds what one scan took.
  mutating func add(_ report: PatchPipeline.Report) {
    predictedPatches += report.predictedPatches + report.resumedPatches
    skippedPatches += report.skippedPatches
    resumedPatches += report.resumedPatches
    seconds += report.seconds
    modelSeconds += report.modelSeconds
  }

  /// Adds what cleaning changed.
  mutating func add(_ findings: LabelCleaningWriter.Findings) {
    cleaned.removedVoxels += findings.removedVoxels
    cleaned.filledVoxels += findings.filledVoxels
  }

  /// One line about what cleaning changed.
  static func summary(of cleaned: LabelCleaningWriter.Findings) -> String {
    "cleaned: \(Console.count(cleaned.removedVoxels, "voxel")) of labels became 0, "
      + "\(Console.count(cleaned.filledVoxels, "voxel")) of holes were filled"
  }

  /// One line about it.
  func summary(writtenTo outputs: [String]) -> String {
    Self.summary(
      predicted: predictedPatches, skipped: skippedPatches, resumed: resumedPatches, seconds: seconds,
      modelSeconds: modelSeconds, writtenTo: outputs)
  }

  /// One line about a prediction.
  ///
  /// - Parameter resumed: those of the predicted patches that an earlier run had done.
  static func summary(
    predicted: Int, skipped: Int, resumed: Int = 0, seconds: Double, modelSeconds: Double,
    writtenTo outputs: [String]
  ) -> String {
    let skipped = skipped > 0 ? ", \(Console.grouped(skipped)) skipped" : ""
    let share = seconds > 0 ? modelSeconds / seconds * 100 : 0
    let resumed = resumed > 0 ? ", \(Console.grouped(resumed)) of them before" : ""
    return "\(Console.count(predicted, "patch")) predicted\(skipped)\(resumed) in "
      + "\(Console.rounded(seconds, decimals: 1)) s, of which the network took "
      + "\(Console.rounded(share, decimals: 0)) %; written to \(outputs.joined(separator: ", ").printable)"
  }
}

extension InferCommand {
  /// Predicts one scan; `nil` after a dry run.
  func predictScan(_ scan: OpenedScan, plan known: InferencePlan?) async throws -> PredictionOutcome? {
    // Planning reads intensities and predicts the first batch, which is part of the work.
    let watch = Stopwatch("infer")
    let plan: InferencePlan
    if let known {
      plan = known
    } else {
      plan = try await self.plan(scan)
      guard announce(plan, scan.network, scan.warnings) else { return nil }
    }
    var writers: [PredictionKind: any VolumeWriter] = [:]
    for (kind, path) in files.targets {
      writers[kind] = try writer(of: kind, plan.info(of: kind), to: path)
    }
    let rounding = writers.values.compactMap { $0 as? ProbabilityWriter }
    let evidence = try needsEvidence(of: scan) ? evidence(of: plan) : nil
    var outcome = PredictionOutcome(plan: plan, watch: watch, evidence: evidence)
    outcome.cleaning = try cleaning.cleaning(of: plan.info(of: .labels))
    let cleaner = try writers[.labels].flatMap {
      try self.cleaner(outcome.cleaning, peakBytes: plan.peakBytes, to: evidence?.watchingCleaned($0) ?? $0)
    }
    if let cleaner { writers[.labels] = cleaner }
    writers = try evidence?.watching(writers) ?? writers
    let state = try keptState(of: plan, scan.network)
    do {
      outcome.add(try await scan.pipeline.run(plan, to: writers, state: state))
    } catch {
      state?.end(afterError: true)
      throw error
    }
    state?.end(afterError: false)
    if let cleaner { outcome.add(cleaner.findings) }
    sayOutside(rounding, scan.warnings)
    return outcome
  }

  /// Says how many values could not be stored as probabilities.
  private func sayOutside(_ writers: [ProbabilityWriter], _ warnings: PredictionWarnings) {
    let count = writers.reduce(0) { $0 + $1.saturatedValues }
    guard count > 0 else { return }
    warnings.say(
      "\(Console.count(count, "value")) below 0 or above 1 became 0 or 1, as --probability-type \(result.probabilityType.rawValue) "
        + "stores probabilities")
  }

  /// What cleans labels on their way to a file, where that is asked for.
  ///
  /// - Parameter peakBytes: what the prediction takes besides.
  func cleaner(
    _ cleaning: LabelCleaning?, peakBytes: Int, to file: any VolumeWriter
  ) throws -> LabelCleaningWriter? {
    try cleaning.map {
      try LabelCleaningWriter(
        $0, to: file, maximumByteCount: limits.limits.memory.map { max(0, $0 - peakBytes) })
    }
  }

  /// Works out what predicting a scan takes.
  ///
  /// - Parameter known: what the network told with another scan.
  func plan(_ scan: OpenedScan, knowing known: ModelProbe? = nil) async throws -> InferencePlan {
    try await scan.pipeline.plan(
      scan.readers, mask: scan.mask, kinds: observedKinds(of: scan), knowing: known)
  }

  /// Whether a page or a summary says what was found.
  private func needsEvidence(of scan: OpenedScan) -> Bool { scan.isCounted || page.report != nil }

  /// What is written, and what is looked at on the way.
  func observedKinds(of scan: OpenedScan) -> Set<PredictionKind> {
    Set(files.outputKind.kinds).union(needsEvidence(of: scan) ? [.labels, .confidence, .disagreement] : [])
  }

  /// What is observed while the outputs are written, for the page and the summary of many scans.
  private func evidence(of plan: InferencePlan) throws -> PredictionEvidence {
    try PredictionEvidence(
      plan, disagreementFile: files.targets.first { $0.kind == .disagreement }?.path,
      needsMap: page.report != nil, cleansLabels: cleaning.isAsked)
  }

  /// Predicts each time point of a 4D image by itself; `nil` after a dry run.
  func predictTimePoints(of scan: OpenedScan, _ bar: ProgressBar) async throws -> PredictionOutcome? {
    let kinds = Set(files.outputKind.kinds)
    let series = try TimeSeries(of: scan.readers[0], kinds: kinds) { try Interrupt.check() }
    let watch = Stopwatch("infer")
    var outcome: PredictionOutcome?
    for time in 0..<series.count {
      var settings = scan.pipeline.settings
      settings.progress = JobProgress { done, total in
        try bar.progress(done + time * total, of: total * series.count)
      }
      let one = PatchPipeline(model: scan.pipeline.model, settings: settings)
      let plan = try await one.plan([series.scan(at: time)], mask: scan.mask, kinds: kinds)
      if time == 0 {
        Console.note("time     \(Console.count(series.count, "point")), each predicted by itself")
        guard announce(plan, scan.network, scan.warnings) else { return nil }
        outcome = PredictionOutcome(plan: plan, watch: watch)
      }
      var writers = try series.writers(at: time, of: plan, kinds: kinds)
      let chosen = try cleaning.cleaning(of: plan.info(of: .labels))
      let cleaner = try writers[.labels].flatMap {
        try self.cleaner(chosen, peakBytes: plan.peakBytes, to: $0)
      }
      if let cleaner { writers[.labels] = cleaner }
      outcome?.add(try await one.run(plan, to: writers))
      outcome?.cleaning = chosen
      if let cleaner { outcome?.add(cleaner.findings) }
    }
    guard var outcome else { return nil }
    for (kind, path) in files.targets {
      let info = series.info(of: kind, as: outcome.plan)
      outcome.infos[kind] = info
      let file = try writer(of: kind, info, to: path)
      try series.write(kind, to: file)
      sayOutside([file as? ProbabilityWriter].compactMap(\.self), scan.warnings)
    }
    return outcome
  }

  /// Prints what a prediction takes and what should be known of it.
  ///
  /// - Returns: whether it is made, and not only planned.
  func announce(_ plan: InferencePlan, _ network: LoadedNetwork, _ warnings: PredictionWarnings) -> Bool {
    let text = InferenceSummary(
      plan, networks: files.model.count, engine: network.engineText
    ).text
    if planning.dryRun { Console.error(text) } else { Console.note(text) }
    for remark in plan.remarks { warnings.say(remark.description { $0.inOptions }) }
    guard !planning.dryRun else { return false }
    Console.detail(
      "reads \(input.joined(separator: ", ")); writes \(files.output.joined(separator: ", "))".printable)
    return true
  }

  private func writer(
    of kind: PredictionKind, _ info: VolumeInfo, to path: String
  ) throws -> any VolumeWriter {
    let stored = storedInfo(of: kind, info)
    var options = try writeOptions(over: stored)
    options.storesHalf = storesHalf(kind)
    let file = try ImageFormats.create(path, info: stored, options: options)
    return stored.scalarType == info.scalarType ? file : ProbabilityWriter(info, to: file)
  }

  /// What a file of a result says of it.
  func storedInfo(of kind: PredictionKind, _ info: VolumeInfo) -> VolumeInfo {
    result.probabilityType.wholeNumbers(for: kind).map { ProbabilityWriter.info(info, storedAs: $0) } ?? info
  }

  /// Whether a result is stored as floating-point numbers of 16 bits.
  func storesHalf(_ kind: PredictionKind) -> Bool {
    result.probabilityType == .float16 && ProbabilityType.kinds.contains(kind)
  }

  /// How the files of a result over an image are written.
  func writeOptions(over info: VolumeInfo) throws -> WriteOptions {
    var options = WriteOptions(
      isReplacing: replacing.force, compression: compression.level, jobs: limits.limits.jobs.count)
    try chunks.apply(to: &options, over: ImageSize(info), writing: files.targets.map(\.path))
    return options
  }
}
