/// One line of a journal: what became of a case.
public struct JournalEntry: Codable, Sendable {
  /// What happened.
  public enum Event: String, Codable, Sendable {
    /// It was begun: what lies under the names of its results from now on is of this run.
    case started
    /// All results are on the disk, under their names.
    case done
    /// There is an error, and the results are not complete.
    case failed
  }

  /// A file that was written.
  public struct Output: Codable, Hashable, Sendable {
    /// Its path below the folder of results; as it was given, where it lies in another folder.
    public var name: String
    /// What it is, such as `labels`.
    public var kind: String?
    /// Its size; all files of a folder together.
    public var bytes: Int
    /// `crc32:` and eight digits, of the file's bytes.
    public var checksum: String

    /// Creates a description of a file.
    public init(name: String, kind: String? = nil, bytes: Int, checksum: String) {
      self.name = name
      self.kind = kind
      self.bytes = bytes
      self.checksum = checksum
    }
  }

  /// What went wrong.
  public struct Failure: Codable, Hashable, Sendable {
    /// The kind of error, such as `malformedFile`.
    public var code: String
    /// What it is, for a person.
    public var message: String

    /// Creates a description of an error.
    public init(code: String, message: String) {
      self.code = code
      self.message = message
    }
  }

  /// The case's name.
  public var name: String
  /// What became of it.
  public var event: Event
  /// When that was, in UTC: `2026-01-31T12:00:00Z`.
  public var date: String
  /// What it was made from and with; none where it failed before that was known.
  public var fingerprint: CaseFingerprint?
  /// What was written.
  public var outputs: [Output]
  /// What was found.
  public var findings: CaseFindings?
  /// The error of a case that failed.
  public var failure: Failure?
  /// Of a case that failed: whether it had been begun, in this run or in an older one, so that what lies under the names of its results
  /// is of a run.
  public var wasBegun: Bool?

  /// Creates an entry.
  public init(
    name: String, event: Event, date: String, fingerprint: CaseFingerprint? = nil, outputs: [Output] = [],
    findings: CaseFindings? = nil, failure: Failure? = nil
  ) {
    self.name = name
    self.event = event
    self.date = date
    self.fingerprint = fingerprint
    self.outputs = outputs
    self.findings = findings
    self.failure = failure
  }

  /// Whether what lies under the names of the results is of a run, and not of a person.
  var ownsResults: Bool { event != .failed || wasBegun == true }

  /// The later one of two lines about a case; of the same second, the one that says that it is done.
  static func later(_ one: JournalEntry, _ other: JournalEntry) -> JournalEntry {
    (one.date, one.event == .done ? 1 : 0) >= (other.date, other.event == .done ? 1 : 0) ? one : other
  }
}
