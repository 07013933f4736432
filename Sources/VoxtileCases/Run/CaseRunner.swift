import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Does a job with many cases: each is begun while the one before is worked on, an error ends only its own case, and a journal says what
/// is done.
public struct CaseRunner: Sendable {
  /// The cases of this run, in their order.
  public let cases: CaseList
  /// The folder of the results.
  public let folder: String
  /// What happens to results that are there already.
  public var existing = ExistingResults.refuse
  /// How many cases are worked on at a time.
  public var parallel = 1
  /// Whether the first error ends the run.
  public var failsFast = false
  /// The share of the cases that this run does; others may do theirs in the same folder.
  public var part = CasePart.whole
  /// Called when a case ends, in any order where several are worked on at a time.
  public var report: @Sendable (CaseOutcome) -> Void = { _ in }
  /// Called when a case is begun that was begun before, with the reason.
  public var willRepeat: @Sendable (ScanCase, RerunReason) -> Void = { _, _ in }

  /// Creates a runner.
  ///
  /// - Parameters:
  ///   - cases: they are done in this order.
  ///   - folder: where the results go; it exists when the run begins.
  public init(_ cases: CaseList, into folder: String) {
    self.cases = cases
    self.folder = folder
  }

  /// Does the job with each case.
  ///
  /// - Parameters:
  ///   - job: what is done.
  ///   - journal: that of the folder; cases that it calls done are skipped where ``existing`` says so.
  /// - Returns: what became of each case, in their order.
  /// - Throws: `CancellationError` where the task was canceled, and what writing the journal throws; with ``failsFast`` the first error of a
  ///   case. Cases that are done are in the journal then.
  /// - Complexity: at most ``parallel`` + 1 cases are prepared at a time, however many there are.
  public func run<Job: CaseJob>(_ job: Job, journal: Journal) async throws -> [CaseOutcome] {
    try await withThrowingTaskGroup(of: (Int, CaseOutcome).self) { group in
      var outcomes = [CaseOutcome?](repeating: nil, count: cases.count)
      var running = 0
      func take(_ ended: (Int, CaseOutcome)) throws {
        outcomes[ended.0] = ended.1
        report(ended.1)
        if failsFast, case .failed(let error) = ended.1.state { throw error }
      }
      for (number, one) in cases.enumerated() {
        // The next case is got ready while the others are worked on.
        let next = try await ready(one, for: job, journal)
        while running >= max(1, parallel), let ended = try await group.next() {
          running -= 1
          try take(ended)
        }
        switch next {
        case .ended(let outcome): try take((number, outcome))
        case .ready(let prepared, let fingerprint, let reason, let isReplacing):
          running += 1
          group.addTask {
            (
              number,
              try await perform(prepared, fingerprint, of: one, reason, replacing: isReplacing, job, journal)
            )
          }
        }
      }
      while let ended = try await group.next() { try take(ended) }
      return outcomes.compactMap(\.self)
    }
  }

  /// What would be done with each case, and why; nothing is written. A case that cannot be looked at is one that has failed.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where a journal cannot be read, and errors that are no `VoxtileError`.
  /// - Complexity: O(bytes) of the results that are there, and of the inputs of the cases that seem to be done.
  public func plan(_ job: some CaseJob) async throws -> [CaseOutcome] {
    let entries = try Journal.entries(in: folder)
    var outcomes: [CaseOutcome] = []
    for one in cases {
      do {
        let (decision, _) = try await decide(one, for: job, entry: entries[one.name])
        switch decision {
        case .skip: outcomes.append(CaseOutcome(one, .skipped, findings: entries[one.name]?.findings))
        case .perform(let reason, _): outcomes.append(CaseOutcome(one, .planned(reason), reason: reason))
        }
      } catch let error as VoxtileError {
        outcomes.append(CaseOutcome(one, .failed(error)))
      }
    }
    return outcomes
  }

  /// Decides what is done with a case.
  ///
  /// - Returns: also its fingerprint, where it had to be known.
  private func decide(
    _ one: ScanCase, for job: some CaseJob, entry: JournalEntry?
  ) async throws -> (CaseDecision, CaseFingerprint?) {
    var known: CaseFingerprint?
    let decision = try await CaseDecision(
      one, results: job.results(of: one), in: folder, existing: existing, entry: entry
    ) {
      let fingerprint = try await job.fingerprint(of: one)
      known = fingerprint
      return fingerprint
    }
    return (decision, known)
  }

  /// A case before it is worked on.
  private enum Ready<Prepared: Sendable>: Sendable {
    case ended(CaseOutcome)
    case ready(Prepared, CaseFingerprint, RerunReason, replacing: Bool)
  }

  private func ready<Job: CaseJob>(
    _ one: ScanCase, for job: Job, _ journal: Journal
  ) async throws -> Ready<Job.Prepared> {
    do {
      let (decision, known) = try await decide(one, for: job, entry: journal.entry(of: one.name))
      switch decision {
      case .skip: return .ended(CaseOutcome(one, .skipped, findings: journal.entry(of: one.name)?.findings))
      case .perform(let reason, let isReplacing):
        try makeFolders(for: job.results(of: one))
        let prepared = try await job.prepare(one)
        // Digests are taken before the files are read; the job notices if they change meanwhile.
        let fingerprint: CaseFingerprint
        if let known { fingerprint = known } else { fingerprint = try await job.fingerprint(of: one) }
        return .ready(prepared, fingerprint, reason, replacing: isReplacing)
      }
    } catch {
      let wasBegun = journal.entry(of: one.name)?.ownsResults == true
      return .ended(try failed(one, error, journal, wasBegun: wasBegun))
    }
  }

  private func perform<Job: CaseJob>(
    _ prepared: Job.Prepared, _ fingerprint: CaseFingerprint, of one: ScanCase, _ reason: RerunReason,
    replacing isReplacing: Bool, _ job: Job, _ journal: Journal
  ) async throws -> CaseOutcome {
    do {
      if journal.entry(of: one.name) != nil { willRepeat(one, reason) }
      try journal.add(JournalEntry(name: one.name, event: .started, date: Self.now))
      let findings = try await job.perform(prepared, of: one, replacing: isReplacing)
      let outputs = try job.results(of: one).map { result in
        guard let output = try JournalEntry.Output(result, in: folder) else {
          throw VoxtileError(
            .fileAccess, "was written, and is gone", context: .init(file: result.path(in: folder)))
        }
        return output
      }
      try journal.add(
        JournalEntry(
          name: one.name, event: .done, date: Self.now, fingerprint: fingerprint, outputs: outputs,
          findings: findings))
      return CaseOutcome(one, .done, findings: findings, reason: reason)
    } catch {
      // A file that was in the way is not of this run.
      let wasRefused = !isReplacing && (error as? VoxtileError)?.code == .targetExists
      return try failed(one, error, journal, wasBegun: !wasRefused)
    }
  }

  /// Notes an error of a case.
  ///
  /// - Parameter wasBegun: whether what lies under the names of its results is of a run.
  /// - Throws: the error where it is none of this case.
  private func failed(
    _ one: ScanCase, _ error: any Error, _ journal: Journal, wasBegun: Bool
  ) throws -> CaseOutcome {
    guard let error = error as? VoxtileError, error.context.file != journal.path else { throw error }
    // A case that was done and is refused now is still done.
    if journal.entry(of: one.name)?.event != .done || error.code != .targetExists {
      var entry = JournalEntry(
        name: one.name, event: .failed, date: Self.now,
        failure: .init(code: error.code.rawValue, message: error.description))
      entry.wasBegun = wasBegun
      try journal.add(entry)
    }
    return CaseOutcome(one, .failed(error))
  }

  private func makeFolders(for results: [CaseResult]) throws {
    for folder in Set(results.map { $0.path(in: self.folder).parentFolder }).sorted() {
      try Folder.make(folder)
    }
  }

  private static var now: String { Date.now.formatted(.iso8601) }
}
