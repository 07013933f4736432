import Synchronization
import Testing
import Voxtile

@Suite("ProgressCounter") struct ProgressCounterTests {
  @Test("counts of several threads are reported in ascending order, so that the whole comes last")
  func order() throws {
    let reports = Mutex<[Int]>([])
    let progress = JobProgress { done, total in
      #expect(total == 2003)
      reports.withLock { $0.append(done) }
    }
    let counter = ProgressCounter(progress, after: 3, of: 2003)
    try Jobs(8).forEachThrowing(2000) { _ in try counter.countOne() }
    #expect(reports.withLock { $0 } == Array(4...2003))
  }

  @Test("what the progress throws ends the job")
  func stop() {
    struct Stop: Error {}
    let counter = ProgressCounter(JobProgress { done, _ in if done == 2 { throw Stop() } }, of: 10)
    #expect(throws: Stop.self) {
      for _ in 0..<10 { try counter.countOne() }
    }
  }
}
