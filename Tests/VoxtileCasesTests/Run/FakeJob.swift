import Foundation
import Synchronization
import Voxtile
import VoxtileTestSupport

@testable import VoxtileCases

/// A job that copies files, and can be made to fail or to wait.
final class FakeJob: CaseJob {
  /// What was called, in order: `prepare a`, `perform a`, `end a`.
  let calls = Mutex<[String]>([])
  /// How many cases were worked on at a time.
  let together = Mutex((now: 0, most: 0))
  let folder: String
  let settings: [String: String]
  /// Called while a case is got ready, and while it is worked on.
  let preparing: @Sendable (String) async throws -> Void
  let performing: @Sendable (String) async throws -> Void

  init(
    in folder: String, settings: [String: String] = [:],
    preparing: @escaping @Sendable (String) async throws -> Void = { _ in },
    performing: @escaping @Sendable (String) async throws -> Void = { _ in }
  ) {
    self.folder = folder
    self.settings = settings
    self.preparing = preparing
    self.performing = performing
  }

  func results(of one: ScanCase) -> [CaseResult] {
    ["first", "second"].map { (kind: String) in CaseResult("\(one.name).\(kind)", kind: kind) }
  }

  func fingerprint(of one: ScanCase) async throws -> CaseFingerprint {
    let inputs = try one.images.map { ($0, "\(try fileBytes($0))") }
    return CaseFingerprint(
      program: "test", command: "copy", settings: settings,
      inputs: Dictionary(inputs) { first, _ in first })
  }

  func prepare(_ one: ScanCase) async throws -> [UInt8] {
    calls.withLock { $0.append("prepare \(one.name)") }
    try await preparing(one.name)
    return try fileBytes(one.images[0])
  }

  func perform(_ prepared: [UInt8], of one: ScanCase, replacing isReplacing: Bool) async throws
    -> CaseFindings
  {
    calls.withLock { $0.append("perform \(one.name)") }
    together.withLock {
      $0.now += 1
      $0.most = max($0.most, $0.now)
    }
    defer { together.withLock { $0.now -= 1 } }
    try await performing(one.name)
    for result in results(of: one) {
      let path = "\(folder)/\(result.name)"
      if !isReplacing, FileManager.default.fileExists(atPath: path) {
        throw VoxtileError(.targetExists, "is there", context: .init(file: path))
      }
      try writeFile(prepared, to: path)
    }
    calls.withLock { $0.append("end \(one.name)") }
    return CaseFindings(extent: [prepared.count, 1, 1], spacing: nil, patches: 1, seconds: 0)
  }

  /// The cases that were worked on.
  var performed: [String] {
    calls.withLock { $0.filter { $0.hasPrefix("perform ") }.map { String($0.dropFirst(8)) } }
  }
}

/// A folder with inputs and a folder for results.
struct FakeRun {
  let folder: String
  var output: String { "\(folder)/out" }
  let cases: CaseList

  /// Runs a test with some inputs.
  static func with<Result>(
    _ names: [String], _ body: (FakeRun) async throws -> Result
  ) async throws -> Result {
    try await withTemporaryFolder { folder in
      try makeFiles(names.map { "in/\($0)" } + ["out/.keep"], in: folder)
      let cases = try CaseList(names.map { ScanCase($0, images: ["\(folder)/in/\($0)"]) })
      return try await body(FakeRun(folder: folder, cases: cases))
    }
  }

  /// A runner of all cases.
  func runner(_ existing: ExistingResults = .refuse) -> CaseRunner {
    var runner = CaseRunner(cases, into: output)
    runner.existing = existing
    return runner
  }

  /// Does the job as the program does, and says what became of each case.
  @discardableResult
  func run(_ job: FakeJob, _ runner: CaseRunner) async throws -> [String] {
    let journal = try Journal(in: output, part: runner.part, fresh: runner.existing == .replace)
    if runner.existing == .resume { try journal.takeInOthers() }
    return try await runner.run(job, journal: journal).map(Self.words)
  }

  /// `a: done, since it was not done before`.
  static func words(for outcome: CaseOutcome) -> String {
    let state =
      switch outcome.state {
      case .done: "done"
      case .skipped: "skipped"
      case .failed(let error): "failed \(error.code.rawValue)"
      case .planned: "planned"
      }
    return "\(outcome.scan.name): \(state)" + (outcome.reason.map { ", since \($0)" } ?? "")
  }

  /// The content of a result.
  func result(_ name: String) throws -> String {
    String(decoding: try fileBytes("\(output)/\(name)"), as: UTF8.self)
  }
}
