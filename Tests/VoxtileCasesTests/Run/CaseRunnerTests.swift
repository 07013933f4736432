import Foundation
import Synchronization
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileCases

@Suite("Running many cases")
struct CaseRunnerTests {
  private static let names = ["a", "b", "c", "d", "e"]
  private static let damaged = VoxtileError(.malformedFile, "is damaged")

  @Test("an error ends only its own case, whether it is met before the work or in it")
  func failures() async throws {
    try await FakeRun.with(Self.names) { run in
      let job = FakeJob(
        in: run.output, preparing: { if $0 == "b" { throw Self.damaged } },
        performing: { if $0 == "d" { throw Self.damaged } })
      var runner = run.runner()
      let reported = Mutex<[String]>([])
      runner.report = { outcome in reported.withLock { $0.append(FakeRun.words(for: outcome)) } }
      let words = try await run.run(job, runner)
      let fresh = "done, since it was not done before"
      #expect(
        words == [
          "a: \(fresh)", "b: failed malformedFile", "c: \(fresh)", "d: failed malformedFile", "e: \(fresh)",
        ])
      #expect(reported.withLock { $0.sorted() } == words)
      #expect(job.performed == ["a", "c", "d", "e"])
      let entries = try Journal.entries(in: run.output)
      #expect(entries.mapValues(\.event) == ["a": .done, "b": .failed, "c": .done, "d": .failed, "e": .done])
      #expect(entries["b"]?.failure?.code == "malformedFile")
      #expect(entries["a"]?.outputs.map(\.name) == ["a.first", "a.second"])
    }
  }

  @Test("the first error ends a run that is to fail fast; what is done stays done")
  func failsFast() async throws {
    try await FakeRun.with(Self.names) { run in
      let job = FakeJob(in: run.output, performing: { if $0 == "b" { throw Self.damaged } })
      var runner = run.runner()
      runner.failsFast = true
      let error = await #expect(throws: VoxtileError.self) { try await run.run(job, runner) }
      #expect(error?.code == .malformedFile && !job.performed.contains("d"))
      let entries = try Journal.entries(in: run.output)
      #expect(entries["a"]?.event == .done)
    }
  }

  @Test("the next case is got ready while one is worked on, and results come in the order of the cases")
  func ahead() async throws {
    try await FakeRun.with(Self.names) { run in
      let isReady = Mutex<Set<String>>([])
      let job = FakeJob(
        in: run.output, preparing: { name in isReady.withLock { _ = $0.insert(name) } },
        performing: { name in
          guard let next = Self.names.firstIndex(of: name).map({ $0 + 1 }), next < Self.names.count else {
            return
          }
          // Ends only where the next case is got ready meanwhile.
          while !isReady.withLock({ $0.contains(Self.names[next]) }) {
            try await Task.sleep(for: .milliseconds(1))
          }
        })
      let words = try await run.run(job, run.runner())
      #expect(words.map { String($0.prefix(1)) } == Self.names && job.performed == Self.names)
      #expect(job.together.withLock(\.most) == 1)
    }
  }

  @Test(
    "several cases are worked on at a time, no more than are asked for, and all come in their order",
    arguments: [2, 3])
  func parallel(_ count: Int) async throws {
    try await FakeRun.with(Self.names) { run in
      let waiting = Mutex(0)
      let job = FakeJob(
        in: run.output,
        performing: { name in
          // The first ones wait for each other; so they have to be together.
          let number = waiting.withLock { waiting in
            waiting += 1
            return waiting
          }
          while number <= count, waiting.withLock({ $0 < count }) {
            try await Task.sleep(for: .milliseconds(1))
          }
        })
      var runner = run.runner()
      runner.parallel = count
      let words = try await run.run(job, runner)
      #expect(words.map { String($0.prefix(1)) } == Self.names)
      #expect(job.together.withLock(\.most) == count)
      for name in Self.names { #expect(try run.result("\(name).first") == "in/\(name)") }
    }
  }

  @Test("a run that is canceled ends, and the next one does what was not done", .timeLimit(.minutes(30)))
  func canceled() async throws {
    try await FakeRun.with(Self.names) { run in
      let isAtC = Mutex(false)
      let job = FakeJob(
        in: run.output,
        performing: { name in
          guard name == "c" else { return }
          isAtC.withLock { $0 = true }
          try await Task.sleep(for: .seconds(3600))
        })
      let task = Task { try await run.run(job, run.runner()) }
      while !isAtC.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(
        try Journal.entries(in: run.output).mapValues(\.event) == ["a": .done, "b": .done, "c": .started])
      let next = FakeJob(in: run.output)
      let repeated = Mutex<[String]>([])
      var runner = run.runner(.resume)
      runner.willRepeat = { one, reason in repeated.withLock { $0.append("\(one.name): \(reason)") } }
      try await run.run(next, runner)
      #expect(next.performed == ["c", "d", "e"])
      #expect(repeated.withLock { $0 } == ["c: it was not finished before"])
    }
  }

  @Test("nothing is done twice: a run over what is done reads the results, and works on none")
  func again() async throws {
    try await FakeRun.with(Self.names) { run in
      try await run.run(FakeJob(in: run.output), run.runner())
      let job = FakeJob(in: run.output)
      let words = try await run.run(job, run.runner(.resume))
      #expect(words == Self.names.map { "\($0): skipped" } && job.calls.withLock(\.isEmpty))
    }
  }

  @Test("parts do all cases between them, in one folder, and a run over the whole then does none")
  func parts() async throws {
    try await FakeRun.with(Self.names) { run in
      for number in 1...2 {
        let part = try CasePart(number, of: 2)
        let own = Set(part.share(of: [1, 1, 1, 1, 1]).map { Self.names[$0] })
        var runner = CaseRunner(run.cases.filtered { own.contains($0.name) }, into: run.output)
        runner.part = part
        let job = FakeJob(in: run.output)
        try runner.check(job)
        try await run.run(job, runner)
        #expect(Set(job.performed) == own)
      }
      let job = FakeJob(in: run.output)
      try await run.run(job, run.runner(.resume))
      #expect(job.performed.isEmpty)
      #expect(try RunSummary(ofJournalsIn: run.output).done == 5)
    }
  }

  @Test("results that would have one name, or lie inside one another, are refused before anything is done")
  func names() async throws {
    struct Named: CaseJob {
      let result: @Sendable (ScanCase) -> String
      func results(of one: ScanCase) -> [CaseResult] { [CaseResult(result(one))] }
      func fingerprint(of one: ScanCase) async throws -> CaseFingerprint { throw CancellationError() }
      func prepare(_ one: ScanCase) async throws {}
      func perform(_ prepared: Void, of one: ScanCase, replacing isReplacing: Bool) async throws
        -> CaseFindings
      {
        throw CancellationError()
      }
    }
    let cases = try CaseList(["a", "a/b", "a/b/c", "ab"].map { ScanCase($0, images: [$0]) })
    let runner = CaseRunner(cases, into: "/none")
    expectRefusal(.targetExists, "/none/x", "'a'", "'a/b'") { try runner.check(Named { _ in "x" }) }
    expectRefusal(.targetExists, "/none/a:", "'a'", "'a/b'") { try runner.check(Named { $0.name }) }
    try runner.check(Named { $0.name + "_seg" })
  }

  @Test(
    "images that are results of other scans are no scans, and a result that would replace an image is refused"
  )
  func ownResults() async throws {
    try await FakeRun.with(["a", "b"]) { run in
      // As where results go into the folder of the scans.
      let job = FakeJob(in: "\(run.folder)/in")
      func found() throws -> CaseList {
        try CaseList(
          fileNames(in: "\(run.folder)/in").map { ScanCase($0, images: ["\(run.folder)/in/\($0)"]) })
      }
      func kept() throws -> [String] {
        CaseRunner.withoutResults(try found(), of: job, in: "\(run.folder)/./in").names
      }
      #expect(try kept() == ["a", "b"])
      try makeFiles(["in/a.first", "in/a.first.second", "in/c.first"], in: run.folder)
      #expect(try found().count == 5 && kept() == ["a", "b", "c.first"])
      for existing in [ExistingResults.refuse, .resume, .replace] {
        let cases = [("a", "a.first"), ("b", "b")].map { ScanCase($0, images: ["\(run.folder)/in/\($1)"]) }
        var runner = CaseRunner(try CaseList(cases), into: "\(run.folder)/in")
        runner.existing = existing
        expectRefusal(.targetExists, "a.first", "is read by this run") { try runner.check(job) }
      }
    }
  }

  @Test("a journal that cannot be written ends the run, since nothing could be known of what is done")
  func journalLost() async throws {
    try await FakeRun.with(Self.names) { run in
      let journal = try Journal(in: run.output)
      let job = FakeJob(
        in: run.output,
        performing: { _ in throw VoxtileError(.fileAccess, "is full", context: .init(file: journal.path)) })
      await #expect(throws: VoxtileError.self) { try await run.runner().run(job, journal: journal) }
    }
  }
}
