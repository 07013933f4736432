import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileReport

/// Does a job with many scans, and prints what becomes of them.
struct CaseRun {
  /// The name of the command.
  let name: String
  let cases: CaseList
  /// The folder of the results.
  let folder: String
  let options: CaseRunOptions
  let isReplacing: Bool
  let isDryRun: Bool
  let printsJSON: Bool
  /// Warnings that are said of all scans at once.
  var warnings: WarningsOfMany?
  /// What is to be said of a whole run, after all scans.
  var remark: @Sendable (RunSummary) -> String? = { _ in nil }

  /// - Throws: `ExitCode.failure` where a scan has failed, after the summary.
  func run(_ job: some CaseJob) async throws {
    if FormatProbe(folder).kind == .missing, ImageFormats.registry.ending(of: folder) != nil {
      throw ValidationError(
        "of many scans, the output is a folder, and \(folder.printable) is called like one image; name another"
      )
    }
    let runner = try runner(for: job)
    try runner.check(job)
    try checkSummary()
    try checkPages(job)
    guard !isDryRun else { return try say(try await runner.plan(job), summary: nil) }
    try Folder.make(folder)
    let journal = try Journal(in: folder, part: runner.part, fresh: isReplacing)
    if !journal.damagedLines.isEmpty {
      Console.warn(
        "\(journal.path) is damaged in \(Console.count(journal.damagedLines.count, "line")); the scans of these are done again"
      )
    }
    if options.resume { try journal.takeInOthers() }
    let watch = Stopwatch(name)
    let outcomes: [CaseOutcome]
    do {
      outcomes = try await runner.run(PicturedJob(job, folder: folder), journal: journal)
    } catch {
      let done = journal.entries.values.count { $0.event == .done }
      if done > 0 { Console.note("\(Console.count(done, "scan")) of \(cases.count) done; --resume goes on") }
      throw error
    }
    watch.say()
    let summary = RunSummary(outcomes, entries: journal.entries)
    // Parts that run at the same time would write one file; `voxtile summary` joins them.
    if runner.part.isWhole { try summary.writeAll(into: folder) }
    try say(outcomes, summary: summary)
    if summary.failed > 0 { throw ExitCode.failure }
  }

  /// Checks that the summary takes the place of no file that is read, and without `--force` or `--resume` of no file at all.
  private func checkSummary() throws {
    let read = cases.flatMap { $0.images + [$0.mask, $0.labels].compactMap(\.self) } + cases.otherFiles
    let isFirst = !isReplacing && !options.resume && Journal.names(in: folder).isEmpty
    for name in RunSummary.fileNames + [CohortPage.fileName] {
      let path = "\(folder)/\(name)"
      guard FileIdentity(path) != nil else { continue }
      try Target.checkIsNotRead(path, read)
      if isFirst {
        throw VoxtileError(
          .targetExists,
          "exists, and would be replaced by the summary of this run; name another folder for the results",
          remedy: .replaceTarget, context: .init(file: path))
      }
    }
  }

  /// Checks that the page of no scan has the name of the page of all.
  private func checkPages(_ job: some CaseJob) throws {
    let results = cases.flatMap { job.results(of: $0) }
    guard options.reports || results.contains(where: { $0.name.hasSuffix(".html") }) else { return }
    for one in cases
    where job.results(of: one).contains(where: {
      $0.folder == nil && ($0.name == "index" || $0.name.hasPrefix("index."))
    }) {
      throw ValidationError(
        "the page of '\(one.name.printable)' would be \(CohortPage.fileName), which is that of all scans; give results other names "
          + "with --name\(options.reports ? ", or leave out --reports" : "")")
    }
  }

  /// What does the job with the scans of this part.
  private func runner(for job: some CaseJob) throws -> CaseRunner {
    let part = try options.part?.part() ?? .whole
    let cases = CaseRunner.withoutResults(cases, of: job, in: folder)
    if cases.count < self.cases.count {
      let count = self.cases.count - cases.count
      Console.note(
        "\(Console.count(count, "image")) passed over, since \(count == 1 ? "it is a result" : "they are results") of this run or an older one"
      )
    }
    var share = cases
    if !part.isWhole {
      let own = Set(part.share(of: cases.map(Self.cost)).map { cases[$0].name })
      share = cases.filtered { own.contains($0.name) }
      Console.note(
        "part     \(part): \(Console.count(share.count, "scan")) of \(Console.grouped(cases.count))")
    }
    var runner = CaseRunner(share, into: folder)
    runner.part = part
    runner.existing = isReplacing ? .replace : options.resume ? .resume : .refuse
    runner.parallel = options.parallel ?? 1
    runner.failsFast = options.failFast
    let printer = CasePrinter(of: share.count)
    runner.report = { printer.say($0) }
    runner.willRepeat = { one, reason in
      Console.note("\(one.name.printable) is done again: \(reason.description.printable)")
    }
    return runner
  }

  /// About what a scan costs: its voxels, or its bytes where it cannot be opened.
  private static func cost(of one: ScanCase) -> Int {
    one.images.reduce(0) { sum, path in
      let voxels = (try? ImageFormats.open(path).info).map { $0.extent.voxelCount * $0.channels }
      return sum + (voxels ?? FileVersion(path)?.byteCount ?? 1)
    }
  }

  /// Prints the result: what would be done, or what was.
  private func say(_ outcomes: [CaseOutcome], summary: RunSummary?) throws {
    guard let summary else {
      for outcome in outcomes { try Console.result(CasePrinter.words(for: outcome)) }
      return
    }
    warnings?.sayRepeated()
    if let remark = remark(summary) { Console.note(remark) }
    try Console.done(summary.words(in: folder), files: [folder], json: printsJSON ? summary : nil)
    if !printsJSON { sayFailures(outcomes) }
  }

  /// Prints each failure once, with the scans that have it.
  private func sayFailures(_ outcomes: [CaseOutcome]) {
    var failures: [(words: String, scans: [String])] = []
    for outcome in outcomes {
      guard let words = CasePrinter.failure(of: outcome) else { continue }
      if let index = failures.firstIndex(where: { $0.words == words }) {
        failures[index].scans.append(outcome.scan.name)
      } else {
        failures.append((words, [outcome.scan.name]))
      }
    }
    for (words, scans) in failures {
      let shown =
        scans.prefix(3).joined(separator: ", ") + (scans.count > 3 ? " and \(scans.count - 3) more" : "")
      Console.error("failed   \(shown.printable): \(words)")
    }
  }
}
