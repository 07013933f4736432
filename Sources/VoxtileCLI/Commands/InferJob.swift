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

  private let commands: CaseCommands
  private let network: LoadedNetwork
  private let cases: CaseList
  private let settings = TypedOptions.settings(of: "infer")
  private let progress: CaseProgress
  /// What is said of several scans.
  let warnings = WarningsOfMany()
  /// What the network told with the first scan.
  private let probe = Shared<ModelProbe>()
  /// The files of true labels by the names of their cases, where results are compared.
  var truths: [String: String]?

  /// - Parameters:
  ///   - cases: all scans.
  ///   - name: how results are called.
  init(command: InferCommand, network: LoadedNetwork, cases: CaseList, name: ResultName) {
    commands = CaseCommands(of: command, name: name)
    self.network = network
    self.cases = cases
    progress = CaseProgress("infer", of: cases.count)
  }

  func results(of one: ScanCase) -> [CaseResult] { commands.results(of: one) }

  func fingerprint(of one: ScanCase) async throws -> CaseFingerprint {
    try commands.command(for: one, replacing: true).fingerprint(of: network, settings: settings)
  }

  func prepare(_ one: ScanCase) async throws -> Prepared {
    // Whether results may be replaced is decided by the runner, which has looked at them.
    let command = commands.command(for: one, replacing: true)
    let warnings = PredictionWarnings(of: one.name, among: self.warnings)
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
      let (kinds, probe) = (command.observedKinds(of: scan), plan.probe)
      ManyScansMemory(cases) { try scan.pipeline.memory(of: $0, kinds: kinds, knowing: probe) }
        .say(limit: scan.pipeline.settings.limits.onThisMachine.memory)
    } else {
      plan.remarks.forEach { warnings.say($0.description { $0.inOptions }) }
    }
    return Prepared(scan: scan, plan: plan)
  }

  func perform(
    _ prepared: Prepared, of one: ScanCase, replacing isReplacing: Bool
  ) async throws -> CaseFindings {
    let command = commands.command(for: one, replacing: isReplacing)
    try command.checkTargets()
    progress.begin(one.name)
    defer { progress.end(one.name) }
    guard let outcome = try await command.predictScan(prepared.scan, plan: prepared.plan) else {
      throw CancellationError()
    }
    let record = try command.finish(outcome, of: prepared.scan)
    var findings = Self.findings(outcome, warnings: record.warnings)
    if command.running.reports { findings.page = commands.pageName(of: one) }
    findings.compare(one, truths?[one.name], command, names: outcome.plan.labelNames)
    return findings
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
    findings.setLabels(
      outcome.evidence?.writtenLabels.labels ?? [:], names: plan.labelNames, spacing: spacing)
    // Of what the network gave, before it was cleaned.
    let foreground = (outcome.evidence?.labels.labels ?? [:]).filter { $0.key != 0 }.values
    let voxels = foreground.reduce(0) { $0 + $1.voxels }
    if voxels > 0, outcome.evidence?.isConfidenceKnown == true {
      findings.meanConfidence = foreground.reduce(0) { $0 + $1.confidence } / Double(voxels)
    }
    return findings
  }
}
