import Synchronization
import Testing
import Voxtile

@Suite("SerialWorker")
struct SerialWorkerTests {
  private struct Broken: Error {}

  @Test("work is done one piece after another, in order")
  func order() throws {
    let worker = SerialWorker("test")
    let done = Mutex<[Int]>([])
    let running = Atomic(0)
    for number in 0..<50 {
      try worker.begin {
        #expect(running.wrappingAdd(1, ordering: .relaxed).oldValue == 0)
        done.withLock { $0.append(number) }
        running.wrappingSubtract(1, ordering: .relaxed)
      }
    }
    try worker.finish()
    #expect(done.withLock { $0 } == Array(0..<50))
  }

  @Test("an error comes out of the next call, and nothing more is begun")
  func errors() {
    let worker = SerialWorker("test")
    let later = Mutex(0)
    #expect(throws: Never.self) { try worker.begin { throw Broken() } }
    #expect(throws: Broken.self) { try worker.begin { later.withLock { $0 += 1 } } }
    #expect(throws: Broken.self) { try worker.finish() }
    #expect(later.withLock { $0 } == 0)
  }

  @Test("a task gets the result of its work, or the error")
  func results() async throws {
    let worker = SerialWorker("test")
    #expect(try await worker.run { _ in 6 * 7 } == 42)
    await #expect(throws: Broken.self) { try await worker.run { _ in throw Broken() } }
  }

  @Test("work is told that its task was canceled")
  func canceled() async {
    let worker = SerialWorker("test")
    let task = Task {
      try await worker.run { checkCancellation in
        while true { try checkCancellation() }
      }
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
