/// What became of many cases: a row for each, and the counts.
public struct RunSummary: Codable, Sendable {
  /// A case.
  public struct Row: Codable, Sendable {
    /// The case's name.
    public var name: String
    /// `done`, `skipped` (done by an earlier run), `failed`, or `unfinished` (begun, and stopped).
    public var status: String
    /// The files that were written, below the folder of results.
    public var outputs: [String]
    /// What was found.
    public var findings: CaseFindings?
    /// What went wrong.
    public var failure: JournalEntry.Failure?
  }

  /// The version of this description.
  public var version = 1
  /// How many cases there are.
  public var cases: Int
  /// How many of them the run has done.
  public var done: Int
  /// How many were done before.
  public var skipped: Int
  /// How many have failed.
  public var failed: Int
  /// How many were begun and not ended.
  public var unfinished: Int
  /// The rows, in the order of the names.
  public var rows: [Row]

  private init(_ rows: [Row]) {
    self.rows = rows.sorted { $0.name < $1.name }
    cases = rows.count
    func count(_ status: String) -> Int { rows.count { $0.status == status } }
    (done, skipped, failed, unfinished) = (
      count("done"), count("skipped"), count("failed"), count("unfinished")
    )
  }

  /// The summary of a run.
  ///
  /// - Parameters:
  ///   - outcomes: what became of its cases; those that were only planned do not count.
  ///   - entries: the last line of each case in the journal.
  public init(_ outcomes: [CaseOutcome], entries: [String: JournalEntry]) {
    self.init(
      outcomes.compactMap { outcome in
        let entry = entries[outcome.scan.name]
        let outputs = entry?.outputs.map(\.name) ?? []
        switch outcome.state {
        case .done:
          return Row(name: outcome.scan.name, status: "done", outputs: outputs, findings: outcome.findings)
        case .skipped:
          return Row(name: outcome.scan.name, status: "skipped", outputs: outputs, findings: outcome.findings)
        case .failed(let error):
          return Row(
            name: outcome.scan.name, status: "failed", outputs: [],
            failure: .init(code: error.code.rawValue, message: error.description))
        case .planned: return nil
        }
      })
  }

  /// The summary of what journals say, of several parts or of earlier runs.
  public init(entries: [String: JournalEntry]) {
    self.init(
      entries.values.map { entry in
        let status =
          switch entry.event {
          case .done: "done"
          case .failed: "failed"
          case .started: "unfinished"
          }
        return Row(
          name: entry.name, status: status, outputs: entry.outputs.map(\.name), findings: entry.findings,
          failure: entry.failure)
      })
  }
}
