import Voxtile

/// What became of a case in a run.
public struct CaseOutcome: Sendable {
  /// The kinds of outcome.
  public enum State: Sendable {
    /// It was done.
    case done
    /// It had been done before.
    case skipped
    /// It was not done.
    case failed(VoxtileError)
    /// It would be done (a dry run).
    case planned(RerunReason)
  }

  /// The case.
  public let scan: ScanCase
  /// What became of it.
  public let state: State
  /// What was found in it.
  public let findings: CaseFindings?
  /// Why it was done; `nil` where it was not.
  public let reason: RerunReason?

  /// Whether it failed.
  public var hasFailed: Bool { if case .failed = state { true } else { false } }

  init(_ scan: ScanCase, _ state: State, findings: CaseFindings? = nil, reason: RerunReason? = nil) {
    self.scan = scan
    self.state = state
    self.findings = findings
    self.reason = reason
  }
}
