/// What a result was made from and with, as far as that decides its bytes.
public struct CaseFingerprint: Codable, Hashable, Sendable {
  /// The program and its version: `voxtile 0.1.0`.
  public var program: String
  /// What was done: `infer`.
  public var command: String
  /// The settings by name, as they were given: `--overlap` is `0.5`.
  public var settings: [String: String]
  /// What else it was made with, such as an engine, and the SHA-256 of each network.
  public var tools: [String: String]
  /// The SHA-256 of each file that was read, by its name.
  public var inputs: [String: String]

  /// Creates a fingerprint.
  public init(
    program: String, command: String, settings: [String: String], tools: [String: String] = [:],
    inputs: [String: String]
  ) {
    self.program = program
    self.command = command
    self.settings = settings
    self.tools = tools
    self.inputs = inputs
  }

  /// What differs from a run before, the first thing that does; `nil` where the result would be the same.
  func difference(from before: CaseFingerprint) -> RerunReason? {
    if program != before.program {
      return .settingChanged("the program", before: before.program, now: program)
    }
    if command != before.command {
      return .settingChanged("the command", before: before.command, now: command)
    }
    return Self.difference(settings, before.settings) ?? Self.difference(tools, before.tools)
      ?? Set(inputs.keys).union(before.inputs.keys).sorted().first { inputs[$0] != before.inputs[$0] }
      .map { .inputChanged($0) }
  }

  private static func difference(_ now: [String: String], _ before: [String: String]) -> RerunReason? {
    Set(now.keys).union(before.keys).sorted().first { now[$0] != before[$0] }
      .map { .settingChanged($0, before: before[$0], now: now[$0]) }
  }
}

/// Why a case is done, again or for the first time.
@nonexhaustive
public enum RerunReason: Hashable, Sendable {
  /// It was never done.
  case neverRun
  /// It failed, or was stopped.
  case notFinished
  /// All cases are to be done again.
  case all
  /// A result is not there any more.
  case outputMissing(String)
  /// A result is not as it was written.
  case outputChanged(String)
  /// A setting, the program, an engine or a network is another one.
  case settingChanged(String, before: String?, now: String?)
  /// A file that is read has another content.
  case inputChanged(String)
}

extension RerunReason: CustomStringConvertible {
  /// A few words: `--overlap was 0.25 and is 0.5 now`.
  public var description: String {
    switch self {
    case .neverRun: "it was not done before"
    case .notFinished: "it was not finished before"
    case .all: "all are done again"
    case .outputMissing(let name): "\(name) is not there any more"
    case .outputChanged(let name): "\(name) was changed after it was written"
    case .inputChanged(let name): "\(name) has changed"
    case .settingChanged(let name, let before?, let now?):
      "\(name) was \(Self.short(before)) and is \(Self.short(now)) now"
    case .settingChanged(let name, nil, let now): "\(name) is \(now.map(Self.short) ?? "given") now"
    case .settingChanged(let name, let before, nil):
      "\(name) was \(before.map(Self.short) ?? "given") and is not given now"
    }
  }

  /// Digests are told apart by their start.
  private static func short(_ text: String) -> String {
    text.isEmpty ? "given" : text.count >= 64 ? text.prefix(12) + "..." : text
  }
}
