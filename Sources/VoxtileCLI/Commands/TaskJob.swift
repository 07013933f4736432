import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileInference

/// Predicts each of many scans with the networks of several tasks, which are loaded once.
struct TaskJob: CaseJob {
  /// A scan that is open and planned.
  struct Prepared: Sendable {
    let scan: OpenedTasks
    let plan: TaskPlan
  }

  private let commands: CaseCommands
  private let tasks: LoadedTasks
  private let cases: CaseList
  private let settings = TypedOptions.settings(of: "infer")
  private let progress: CaseProgress
  /// What is said of several scans.
  let warnings = WarningsOfMany()
  /// What the networks told with the first scan.
  private let probes = Shared<[String: ModelProbe]>()
  /// The files of true labels by the names of their cases, where results are compared.
  var truths: [String: String]?

  /// - Parameters:
  ///   - cases: all scans.
  ///   - name: how results are called.
  init(command: InferCommand, tasks: LoadedTasks, cases: CaseList, name: ResultName) {
    commands = CaseCommands(of: command, name: name)
    (self.tasks, self.cases) = (tasks, cases)
    progress = CaseProgress("infer", of: cases.count)
  }

  func results(of one: ScanCase) -> [CaseResult] { commands.results(of: one) }

  func fingerprint(of one: ScanCase) async throws -> CaseFingerprint {
    try commands.command(for: one, replacing: true).fingerprint(of: tasks.members, settings: settings)
  }

  func prepare(_ one: ScanCase) async throws -> Prepared {
    // Whether results may be replaced is decided by the runner, which has looked at them.
    let command = commands.command(for: one, replacing: true)
    let warnings = PredictionWarnings(of: one.name, among: self.warnings)
    let scan = try asErrorOfScan {
      try command.open(
        try command.openFiles(warnings), by: tasks, warnings: warnings, progress: progress.following(one.name)
      )
    }
    let plan = try await scan.pipeline.plan(scan.readers, mask: scan.mask, knowing: probes.value ?? [:])
    if probes.keep(plan.probes) {
      _ = command.announce(plan, of: scan)
      let (pipeline, probes) = (scan.pipeline, plan.probes)
      ManyScansMemory(cases) { try pipeline.memory(of: $0, knowing: probes) }
        .say(limit: command.limits.limits.onThisMachine.memory)
    } else {
      command.sayRemarks(plan, warnings)
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
    let outcome = try await command.predict(prepared.scan, plan: prepared.plan, Stopwatch("infer"))
    let record = try command.finish(outcome, of: prepared.scan)
    let info = outcome.plan.info
    let spacing = info.metadata.place == .unknown ? nil : info.metadata.spacing
    var findings = CaseFindings(
      extent: info.extent.sizes.all, spacing: spacing?.all, patches: outcome.predictedPatches,
      seconds: outcome.seconds)
    findings.skippedPatches = outcome.skippedPatches
    findings.networkSeconds = outcome.modelSeconds
    findings.peakMemoryBytes = ProcessMemory.peak
    findings.warnings = record.warnings
    findings.setLabels(outcome.labels.labels, names: outcome.plan.labels.names, spacing: spacing)
    if command.running.reports { findings.page = commands.pageName(of: one) }
    findings.compare(one, truths?[one.name], command, names: outcome.plan.labels.names)
    return findings
  }
}
