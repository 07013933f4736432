import Synchronization
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileInference

/// Predicts each of many scans with a network that is loaded once.
struct InferJob: CaseJob {
  /// A scan that is open and planned.
  struct Prepared: Sendable {
    let scan: OpenedScan
    let plan: InferencePlan
  }

  private let command: InferCommand
  private let network: LoadedNetwork
  private let name: ResultName
  private let cases: CaseList
  private let settings = TypedOptions.settings(of: "infer")
  private let progress: CaseProgress
  /// What the network told with the first scan.
  private let probe = SharedProbe()
  /// The files of true labels by the names of their cases, where results are compared.
  var truths: [String: String]?

  /// - Parameters:
  ///   - cases: all scans.
  ///   - name: how results are called.
  init(command: InferCommand, network: LoadedNetwork, cases: CaseList, name: ResultName) {
    self.command = command
    self.network = network
    self.name = name
    self.cases = cases
    progress = CaseProgress("infer", of: cases.count)
  }

  func results(of one: ScanCase) -> [CaseResult] {
    let kinds = command.files.outputKind.kinds
    return kinds.map { kind in
      CaseResult(
        name.path(of: one, kind: kinds.count > 1 ? kind.rawValue : nil), kind: kind.rawValue)
    }
  }

  func fingerprint(of one: ScanCase) async throws -> CaseFingerprint {
    try command(for: one, replacing: true).fingerprint(of: network, settings: settings)
  }

  func prepare(_ one: ScanCase) async throws -> Prepared {
    // Whether results may be replaced is decided by the runner, which has looked at them.
    let command = command(for: one, replacing: true)
    let warnings = PredictionWarnings(of: one.name)
    var scan = try asErrorOfScan {
      try command.open(
        try command.openFiles(warnings), with: network, warnings: warnings,
        progress: progress.following(one.name))
    }
    scan.isCounted = true
    let plan = try await command.plan(scan, knowing: probe.value)
    let isFirst = probe.keep(plan.probe)
    if isFirst {
      _ = command.announce(plan, network, warnings)
      ManyScansMemory(
        cases, pipeline: scan.pipeline, kinds: command.observedKinds(of: scan), probe: plan.probe
      )
      .say(limit: scan.pipeline.settings.limits.onThisMachine.memory)
    } else {
      plan.remarks.forEach { warnings.say($0.description { $0.inOptions }) }
    }
    return Prepared(scan: scan, plan: plan)
  }

  func perform(
    _ prepared: Prepared, of one: ScanCase, replacing isReplacing: Bool
  ) async throws -> CaseFindings {
    let command = command(for: one, replacing: isReplacing)
    try command.checkTargets()
    progress.begin(one.name)
    defer { progress.end(one.name) }
    guard let outcome = try await command.predictScan(prepared.scan, plan: prepared.plan) else {
      throw CancellationError()
    }
    let record = try command.finish(outcome, of: prepared.scan)
    var findings = Self.findings(outcome, warnings: record.warnings)
    if command.running.reports { findings.page = pageName(of: one) }
    compare(&findings, of: one, command, outcome.plan)
    return findings
  }

  /// Compares a result with its true labels. Where that fails, the result is still one, and why is said.
  private func compare(
    _ findings: inout CaseFindings, of one: ScanCase, _ command: InferCommand, _ plan: InferencePlan
  ) {
    guard let truth = truths?[one.name],
      let labels = command.files.targets.first(where: { $0.kind == .labels })
    else { return }
    let names = Dictionary(plan.labelNames.map { ($0.label, $0.name) }) { first, _ in first }
    do {
      try findings.compare(.init(one.name, prediction: labels.path, reference: truth), names: names)
    } catch {
      let reason = (error as? VoxtileError)?.description { $0.inOptions } ?? "\(error)"
      findings.warnings.append("not compared with the true labels: \(reason)")
      Console.warn("\(one.name): not compared with the true labels: \(reason)".printable)
    }
  }

  /// The page of a scan, below the folder of results.
  private func pageName(of one: ScanCase) -> String { "\(name.path(of: one, hasEnding: false)).html" }

  /// The command that predicts one of the scans.
  private func command(for one: ScanCase, replacing isReplacing: Bool) -> InferCommand {
    var command = command
    command.input = one.images
    let folder = command.files.output[0]
    command.files.output = results(of: one).map { "\(folder)/\($0.name)" }
    if let mask = one.mask { command.patches.mask = mask }
    command.replacing.force = isReplacing
    if command.running.reports {
      command.page.report = "\(folder)/\(pageName(of: one))"
    }
    if let parallel = command.running.parallel, let memory = command.limits.memory {
      command.limits.memory = memory.divided(by: parallel)
    }
    return command
  }

  private static func findings(_ outcome: PredictionOutcome, warnings: [String]) -> CaseFindings {
    let (plan, info) = (outcome.plan, outcome.plan.info(of: .labels))
    let spacing = info.metadata.place == .unknown ? nil : info.metadata.spacing
    var findings = CaseFindings(
      extent: plan.scanExtent.sizes.all, spacing: spacing?.all, patches: outcome.predictedPatches,
      seconds: outcome.seconds)
    findings.skippedPatches = outcome.skippedPatches
    findings.networkSeconds = outcome.modelSeconds
    findings.peakMemoryBytes = ProcessMemory.peak
    findings.disagreement = outcome.evidence?.disagreement
    findings.warnings = warnings
    let counted = outcome.evidence?.writtenLabels.labels ?? [:]
    let names = Dictionary(plan.labelNames.map { ($0.label, $0.name) }) { first, _ in first }
    let milliliters = spacing.map { $0.x * $0.y * $0.z / 1000 }
    findings.labels = counted.filter { $0.key != 0 }.sorted { $0.key < $1.key }.map { label, counts in
      .init(
        label: label, name: names[label], voxels: counts.voxels,
        milliliters: milliliters.map { $0 * Double(counts.voxels) })
    }
    // Of what the network gave, before it was cleaned.
    let foreground = (outcome.evidence?.labels.labels ?? [:]).filter { $0.key != 0 }.values
    let voxels = foreground.reduce(0) { $0 + $1.voxels }
    if voxels > 0, outcome.evidence?.isConfidenceKnown == true {
      findings.meanConfidence = foreground.reduce(0) { $0 + $1.confidence } / Double(voxels)
    }
    return findings
  }
}

/// What a network told with the first scan, for those after it.
private final class SharedProbe: Sendable {
  private let stored = Mutex<ModelProbe?>(nil)

  var value: ModelProbe? { stored.withLock { $0 } }

  /// Keeps what a network told.
  ///
  /// - Returns: whether nothing was known before.
  func keep(_ probe: ModelProbe) -> Bool {
    stored.withLock { stored in
      defer { stored = probe }
      return stored == nil
    }
  }
}
