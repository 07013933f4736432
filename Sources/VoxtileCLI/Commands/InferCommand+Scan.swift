import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileInference
import VoxtileReport

/// A scan that is open, with what predicts it.
struct OpenedScan: Sendable {
  let readers: [any VolumeReader]
  let mask: (any VolumeReader)?
  var pipeline: PatchPipeline
  let warnings: PredictionWarnings
  let network: LoadedNetwork
  /// Whether labels and confidence are counted, for the summary of many scans.
  var isCounted = false
}

extension InferCommand {
  /// Predicts one scan, and prints what came of it.
  ///
  /// - Parameter loaded: the network, where it had to be known before.
  func predictOne(_ loaded: LoadedNetwork? = nil) async throws {
    try files.checkCount()
    try await namingScan { try await predictNamed(loaded) }
  }

  /// Predicts one scan, whose files are named where its values are wrong.
  private func predictNamed(_ loaded: LoadedNetwork?) async throws {
    try cases.checkAreNotGiven()
    if files.outputKind.storesPredictions { return try await storePredictions(loaded) }
    if running.part != nil {
      throw ValidationError(
        "--part shares out many scans, or the patches of one with --output-kind predictions; add that, and merge them afterward"
      )
    }
    try running.checkAreNotGiven(but: "--resume")
    try checkState()
    let earlier = earlierRecords()
    if let earlier {
      // What is there is looked at, and replaced only where it is not what this run would make.
      var command = self
      command.replacing.force = true
      return try await command.predictOne(loaded, after: earlier)
    }
    try await predictOne(loaded, after: nil)
  }

  /// Does a job with one scan. Resampling, which does not know where values come from, may find wrong ones: then the scan is named.
  func namingScan(_ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch let error as VoxtileError where error.remedy == .replaceNotFinite {
      throw error.inFile(input.joined(separator: ", "))
    }
  }

  /// Predicts one scan, unless an earlier run has made the same.
  private func predictOne(_ loaded: LoadedNetwork?, after earlier: [PredictionRecord]?) async throws {
    let warnings = PredictionWarnings()
    // Compared after the prediction, which would be a late moment to miss them.
    if let labels = truth.truth { _ = try Input.open(labels) }
    let scan = try openFiles(warnings)
    let network: LoadedNetwork
    if let loaded { network = loaded } else { network = try await loadNetwork() }
    let bar = ProgressBar("infer")
    defer { bar.clear() }
    let opened = try open(scan, with: network, warnings: warnings, progress: bar.progress)
    var plan: InferencePlan?
    if let earlier {
      let made = try await self.plan(opened)
      guard let reason = try reasonToPredictAgain(earlier, made, of: opened) else {
        bar.clear()
        return try Console.done(
          "\(files.output.joined(separator: ", ").printable) was finished before, from the same files with the same settings",
          files: files.output, json: printing.json ? earlier[0] : nil)
      }
      Console.note("again    \(files.output[0].printable), since \(reason.printable)")
      guard announce(made, network, warnings) else { return }
      plan = made
    }
    let isSeries = series.timePoints == .separately
    let outcome =
      isSeries
      ? try await predictTimePoints(of: opened, bar)
      : try await predictScan(opened, plan: plan)
    guard let outcome else { return }
    bar.clear()
    outcome.watch.say()
    let record = try finish(outcome, of: opened)
    if outcome.cleaning != nil { Console.note(PredictionOutcome.summary(of: outcome.cleaned)) }
    sayTruth(extent: outcome.plan.scanExtent, names: outcome.plan.labelNames)
    try Console.done(
      outcome.summary(writtenTo: files.output), files: files.output, json: printing.json ? record : nil)
  }

  /// Prints the Dice of each label, where there are true labels.
  ///
  /// - Parameters:
  ///   - extent: the size of the scan.
  ///   - names: what labels stand for.
  func sayTruth(extent: Extent, names: [LabelName]) {
    do {
      try compareWithTruth(extent: extent, names: names)
    } catch {
      // The result is one all the same.
      let reason = (error as? VoxtileError)?.description { $0.inOptions } ?? "\(error)"
      Console.warn("not compared with the true labels: \(reason)".printable)
    }
  }

  private func compareWithTruth(extent: Extent, names: [LabelName]) throws {
    guard let reference = truth.truth, let labels = files.targets.first(where: { $0.kind == .labels })
    else { return }
    let pairs = try EvaluationPairs(predictions: labels.path, references: reference)
    guard let pair = pairs.pairs.first else { return }
    var findings = CaseFindings(extent: extent.sizes.all, spacing: nil, patches: 0, seconds: 0)
    try findings.compare(
      pair, names: Dictionary(names.map { ($0.label, $0.name) }) { one, _ in one })
    let scores = findings.labels.map { label in
      "\(label.label)\(label.name.map { " \($0)" } ?? "") "
        + (label.dice.map { Console.rounded($0, decimals: 3) } ?? "not in the true labels")
    }
    let mean = findings.meanDice.map { Console.rounded($0, decimals: 3) } ?? "undefined"
    Console.note("truth    mean Dice \(mean): \(scores.joined(separator: ", "))".printable)
  }

  /// Loads the network, and prints what should be known of it.
  func loadNetwork() async throws -> LoadedNetwork {
    let warnings = PredictionWarnings()
    var loaded = try await LoadedNetwork(
      files.model, nnunet: try nnunet.folder(),
      options: network.options(jobs: limits.limits.jobs, warn: warnings.say), warnings: warnings)
    loaded.reach = try await measuredReach(of: loaded)
    return loaded
  }

  /// The files of the prediction.
  private var paths: PredictionFiles {
    PredictionFiles(
      inputs: input, mask: patches.mask, truth: truth.truth, networks: files.model + tasks.files,
      targets: files.targets,
      page: page.report)
  }

  /// Checks that everything can be written.
  func checkTargets() throws { try paths.check(replacing: replacing.force) }

  /// Opens the files of the scan, and checks that everything can be written.
  func openFiles(
    _ warnings: PredictionWarnings
  ) throws -> (readers: [any VolumeReader], mask: (any VolumeReader)?) {
    let readers = try input.map(Input.open)
    let mask = try patches.mask.map(Input.open)
    try checkTargets()
    if page.report != nil { try ReportRequest.checkFits(memory: limits.limits.memory) }
    for (path, reader) in zip(input, readers) {
      reader.info.notes.forEach { warnings.keep("\(path) \($0)") }
    }
    return (readers, mask)
  }

  /// Puts the open files of a scan and the network together.
  func open(
    _ scan: (readers: [any VolumeReader], mask: (any VolumeReader)?), with network: LoadedNetwork,
    warnings: PredictionWarnings, progress: JobProgress
  ) throws -> OpenedScan {
    // Known only now: files beside the networks in which they keep their weights.
    try paths.checkAreNotRead(network.files.flatMap(\.self))
    let pipeline = try pipeline(network, over: scan.readers[0].info, progress: progress)
    return OpenedScan(
      readers: scan.readers, mask: scan.mask, pipeline: pipeline, warnings: warnings, network: network)
  }

  /// Writes what belongs to a prediction besides its outputs: how it was made, and the page.
  func finish(_ outcome: PredictionOutcome, of scan: OpenedScan) throws -> PredictionRecord {
    if outcome.predictedPatches == 0 {
      scan.warnings.say(
        "no patch was predicted, since all \(outcome.skippedPatches) hold background only; the whole result is background"
      )
    }
    let record = try record(outcome, of: scan.network, scan.pipeline.settings, scan.warnings)
    // The digests in the record have to be those of what was predicted.
    for reader in scan.readers + [scan.mask].compactMap(\.self) { try reader.checkFileUnchanged() }
    try scan.network.checkUnchanged()
    for target in files.targets { try record.write(beside: target.path, replacing: replacing.force) }
    try page.write(
      after: [outcome.watch.step], replacing: replacing.force,
      prediction: outcome.evidence?.prediction(model: files.model.joined(separator: ", "))
    ) {
      try request(outcome.plan, outcome.evidence)
    }
    return record
  }

  /// What predicts, with the settings of the command line and of the network.
  private func pipeline(
    _ network: LoadedNetwork, over info: VolumeInfo, progress: JobProgress
  ) throws -> PatchPipeline {
    var settings =
      try network.nnunet.map { try self.settings(of: $0, over: info) }
      ?? chosenSettings(network, over: info)
    settings.limits = limits.limits
    settings.writerByteCount = files.writerByteCount(over: info, options: try writeOptions(over: info))
    settings.progress = progress
    return PatchPipeline(model: network.model, settings: settings)
  }

  /// The settings of the command line, and of the network where that leaves them open.
  private func chosenSettings(_ network: LoadedNetwork, over info: VolumeInfo) throws -> InferenceSettings {
    let (model, defaults) = (network.model, try network.model.defaults)
    var settings = try patches.settings(over: info, model: model, defaults: defaults, reach: network.reach)
    merging.apply(to: &settings, isDecided: patches.alignment.halo != nil)
    self.network.apply(to: &settings, defaults: defaults)
    try self.network.spacing.apply(to: &settings, over: info, model: model, defaults: defaults)
    result.apply(to: &settings, defaults: defaults)
    return settings
  }

  /// How the result was made.
  private func record(
    _ outcome: PredictionOutcome, of network: LoadedNetwork, _ settings: InferenceSettings,
    _ warnings: PredictionWarnings
  ) throws -> PredictionRecord {
    var recorded = PredictionRecordSettings(
      settings, outcome.plan, options: self.network, timePoints: series.timePoints)
    recorded.cleaning = outcome.cleaning.map { .init($0, outcome.cleaned) }
    let sources = try sources(of: network)
    return PredictionRecord(
      date: PredictionRecord.now, engine: sources.engine, networks: sources.networks, inputs: sources.inputs,
      mask: sources.mask,
      outputs: try files.targets.map { target in
        let info = outcome.infos[target.kind] ?? outcome.plan.info(of: target.kind)
        return try .init(
          target.path, kind: target.kind, storedInfo(of: target.kind, info), isHalf: storesHalf(target.kind))
      },
      settings: recorded,
      labels: outcome.plan.labelNames.map { .init(label: $0.label, name: $0.name) },
      patches: .init(predicted: outcome.predictedPatches, skipped: outcome.skippedPatches),
      warnings: warnings.all + network.warnings.all)
  }

  /// The page: the scan, the patches over it, and what was found.
  private func request(_ plan: InferencePlan, _ evidence: PredictionEvidence?) throws -> ReportRequest {
    var request = ReportRequest(image: input[0], grid: try plan.gridOverScan()).limited(by: limits)
    // Only outputs of the scan's size can be shown over it.
    guard plan.outputExtent == plan.scanExtent else { return request }
    // Labels first, since the first overlay is shown at once.
    request.overlays = [PredictionKind.labels, .probabilities, .confidence].flatMap { kind in
      files.targets.filter { $0.kind == kind }.map(\.path)
    }
    if let map = evidence?.disagreementFile { request.overlays.append(map) }
    return request
  }
}
