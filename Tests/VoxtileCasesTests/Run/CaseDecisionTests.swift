import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileCases

@Suite("What is done with results that are there")
struct CaseDecisionTests {
  /// What lies under the names of a case's results.
  enum State: CaseIterable {
    case absent, finished, partial, foreign, cut, missing, changedInput, changedSetting, failed
  }

  /// Makes a state, and says what a run with a habit makes of it.
  private func outcome(_ state: State, _ existing: ExistingResults) async throws -> (
    words: String, first: String?
  ) {
    try await FakeRun.with(["a"]) { run in
      let job = FakeJob(in: run.output)
      if state == .failed || state == .partial {
        let stopped = FakeJob(
          in: run.output,
          performing: { _ in
            try writeFile(Array("half".utf8), to: "\(run.output)/a.first")
            throw VoxtileError(.malformedFile, "is damaged")
          })
        try await run.run(stopped, run.runner())
      } else if ![.absent, .foreign].contains(state) {
        try await run.run(job, run.runner())
      }
      switch state {
      case .partial:
        // As a run that was killed leaves it: begun, and nothing more.
        let lines = try JournalLines(contentsOf: "\(run.output)/\(Journal.name())").entries
        try writeFile(JournalLines.line(of: lines[0]), to: "\(run.output)/\(Journal.name())")
      case .foreign: try writeFile(Array("mine".utf8), to: "\(run.output)/a.second")
      case .cut: try writeFile([], to: "\(run.output)/a.second")
      case .missing: try FileManager.default.removeItem(atPath: "\(run.output)/a.second")
      case .changedInput: try writeFile(Array("b".utf8), to: "\(run.folder)/in/a")
      default: break
      }
      let next = FakeJob(in: run.output, settings: state == .changedSetting ? ["--blend": "hann"] : [:])
      let runner = run.runner(existing)
      do {
        try runner.check(next)
        let planned = try await runner.plan(next).map(FakeRun.words)
        let done = try await run.run(next, runner)
        // A dry run says what a run then does.
        #expect(
          done[0].replacing("a: done", with: "a: planned") == planned[0], "\(state) \(existing)")
        return (done[0], try? run.result("a.first"))
      } catch let error as VoxtileError {
        #expect(next.performed.isEmpty)
        return ("refused \(error.code.rawValue)", try? run.result("a.first"))
      }
    }
  }

  @Test("without a flag, nothing is done where anything is there", arguments: State.allCases)
  func refused(_ state: State) async throws {
    let (words, _) = try await outcome(state, .refuse)
    #expect(words == (state == .absent ? "a: done, since it was not done before" : "refused targetExists"))
  }

  @Test(
    "a run that goes on keeps what would be the same, and does the rest with a reason",
    arguments: State.allCases)
  func resumed(_ state: State) async throws {
    let (words, first) = try await outcome(state, .resume)
    let expected =
      switch state {
      case .absent: "a: done, since it was not done before"
      case .finished: "a: skipped"
      case .foreign: "a: failed targetExists"
      case .partial, .failed: "a: done, since it was not finished before"
      case .cut: "a: done, since a.second was changed after it was written"
      case .missing: "a: done, since a.second is not there any more"
      case .changedSetting: "a: done, since --blend is hann now"
      case .changedInput: "a: done, since "
      }
    #expect(words.hasPrefix(expected), "\(words)")
    if state == .changedInput { #expect(words.hasSuffix("in/a has changed")) }
    #expect(first == (state == .foreign ? nil : state == .changedInput ? "b" : "in/a"))
  }

  @Test("a run that makes all again does so", arguments: State.allCases)
  func replaced(_ state: State) async throws {
    let (words, first) = try await outcome(state, .replace)
    #expect(words == "a: done, since all are done again")
    #expect(first == (state == .changedInput ? "b" : "in/a"))
  }

  @Test("a file that no run has made is kept, however often a run goes on")
  func foreign() async throws {
    try await FakeRun.with(["a", "b"]) { run in
      try await run.run(FakeJob(in: run.output), run.runner())
      try FileManager.default.removeItem(atPath: "\(run.output)/\(Journal.name())")
      try FileManager.default.removeItem(atPath: "\(run.output)/a.first")
      try writeFile(Array("mine".utf8), to: "\(run.output)/a.second")
      for _ in 0..<3 {
        let words = try await run.run(FakeJob(in: run.output), run.runner(.resume))
        #expect(words == ["a: failed targetExists", "b: failed targetExists"])
        #expect(try run.result("a.second") == "mine")
      }
    }
  }

  @Test("a file that appears after an input failed is kept, and what a run has made before that is replaced")
  func foreignAfterFailure() async throws {
    try await FakeRun.with(["a"]) { run in
      let unreadable = FakeJob(
        in: run.output, preparing: { _ in throw VoxtileError(.malformedFile, "is damaged") })
      #expect(try await run.run(unreadable, run.runner()) == ["a: failed malformedFile"])
      try writeFile(Array("mine".utf8), to: "\(run.output)/a.first")
      #expect(try await run.run(FakeJob(in: run.output), run.runner(.resume)) == ["a: failed targetExists"])
      #expect(try run.result("a.first") == "mine")
      try FileManager.default.removeItem(atPath: "\(run.output)/a.first")
      let words = try await run.run(FakeJob(in: run.output), run.runner(.resume))
      #expect(words == ["a: done, since it was not finished before"])
      // Done, changed, unreadable for a while, and readable again.
      try writeFile(Array("b".utf8), to: "\(run.folder)/in/a")
      #expect(try await run.run(unreadable, run.runner(.resume)) == ["a: failed malformedFile"])
      #expect(
        try await run.run(FakeJob(in: run.output), run.runner(.resume))
          == ["a: done, since it was not finished before"])
      #expect(try run.result("a.first") == "b")
    }
  }

  @Test("an output that lacks its last byte is made again, and so is one with a byte changed in place")
  func cutByOne() async throws {
    try await FakeRun.with(["a", "b"]) { run in
      try await run.run(FakeJob(in: run.output), run.runner())
      for change in [{ $0.dropLast() }, { $0.dropLast() + [0] }] as [(ArraySlice<UInt8>) -> ArraySlice<UInt8>]
      {
        let path = "\(run.output)/b.first"
        try writeFile(Array(change(try fileBytes(path)[...])), to: path)
        let words = try await run.run(FakeJob(in: run.output), run.runner(.resume))
        #expect(words == ["a: skipped", "b: done, since b.first was changed after it was written"])
        #expect(try run.result("b.first") == "in/b")
      }
    }
  }

  @Test("a result that is a folder is as it was where all its files are, by name and content")
  func folders() throws {
    try withTemporaryFolder { folder in
      try makeFiles(["p/a", "p/s/b"], in: folder)
      func look() throws -> JournalEntry.Output? { try JournalEntry.Output(CaseResult("p"), in: folder) }
      let before = try #require(try look())
      #expect(before.bytes == 8 && before.checksum.hasPrefix("crc32:"))
      #expect(try look() == before)
      try FileManager.default.moveItem(atPath: "\(folder)/p/a", toPath: "\(folder)/p/c")
      #expect(try look()?.checksum != before.checksum)
      try FileManager.default.moveItem(atPath: "\(folder)/p/c", toPath: "\(folder)/p/a")
      #expect(try look() == before)
      try FileManager.default.removeItem(atPath: "\(folder)/p/s/b")
      #expect(try look() != before)
      try FileManager.default.removeItem(atPath: "\(folder)/p")
      #expect(try look() == nil)
    }
  }
}
