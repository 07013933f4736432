import Synchronization
import Testing
import Voxtile

@Suite("JobProgress") struct JobProgressTests {
  @Test("a stream gives the newest update and ends with the job")
  func stream() async throws {
    let (progress, updates) = JobProgress.stream()
    let job = Task {
      for done in 0...10 {
        try progress(done, of: 10)
        await Task.yield()
      }
    }
    _ = consume progress
    var found: [JobProgress.Update] = []
    for await update in updates { found.append(update) }
    try await job.value
    #expect(found.last?.done == 10 && found.last?.fraction == 1)
    #expect(zip(found, found.dropFirst()).allSatisfy { $0.done < $1.done })
  }

  @Test("a canceled task stops its job at the next step")
  func cancellation() async {
    let steps = Mutex(0)
    let job = Task {
      let progress = JobProgress { _, _ in steps.withLock { $0 += 1 } }
      try progress(0, of: 2)
      withUnsafeCurrentTask { $0?.cancel() }
      try progress(1, of: 2)
    }
    await #expect(throws: CancellationError.self) { try await job.value }
    #expect(steps.withLock { $0 } == 1)
  }

  @Test("nothing to do is done")
  func empty() async throws {
    let (progress, updates) = JobProgress.stream()
    try progress(0, of: 0)
    var iterator = updates.makeAsyncIterator()
    #expect(await iterator.next()?.fraction == 1)
  }
}
