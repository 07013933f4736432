import Synchronization
import Testing
import Voxtile

@Suite("JobProgress") struct JobProgressTests {
  @Test("a followed job gives its newest update and its result, and ends", .timeLimit(.minutes(30)))
  func follow() async throws {
    var found: [JobProgress.Update] = []
    let result = try await JobProgress.follow { progress in
      for done in 0...10 {
        try progress(done, of: 10)
        await Task.yield()
      }
      return "done"
    } each: { update in
      found.append(update)
    }
    #expect(result == "done")
    #expect(found.last?.done == 10 && found.last?.fraction == 1)
    #expect(zip(found, found.dropFirst()).allSatisfy { $0.done < $1.done })
  }

  @Test("following ends though somebody keeps the follower", .timeLimit(.minutes(30)))
  func keptFollower() async throws {
    let kept = try await JobProgress.follow { progress in
      try progress(1, of: 2)
      return progress
    } each: { _ in
    }
    try kept(2, of: 2)
  }

  @Test("following throws what the job throws", .timeLimit(.minutes(30)))
  func failingJob() async {
    let error = await #expect(throws: VoxtileError.self) {
      try await JobProgress.follow { progress in
        try progress(1, of: 2)
        throw VoxtileError(.invalidOption, "no")
      } each: { _ in
      }
    }
    #expect(error?.code == .invalidOption)
  }

  @Test("canceling the caller's task cancels the followed job", .timeLimit(.minutes(30)))
  func canceledFollower() async {
    let caller = Task {
      try await JobProgress.follow { progress in
        var done = 0
        while true {
          try progress(done, of: .max)
          done += 1
          await Task.yield()
        }
      } each: { _ in
        withUnsafeCurrentTask { $0?.cancel() }
      }
    }
    await #expect(throws: CancellationError.self) { try await caller.value }
  }

  @MainActor @Test("updates arrive on the caller's actor", .timeLimit(.minutes(30)))
  func isolation() async throws {
    var count = 0
    try await JobProgress.follow { progress in
      try progress(0, of: 1)
    } each: { _ in
      MainActor.assertIsolated()
      count += 1
    }
    #expect(count == 1)
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
    var fraction: Double?
    try await JobProgress.follow { progress in
      try progress(0, of: 0)
    } each: { update in
      fraction = update.fraction
    }
    #expect(fraction == 1)
  }
}
