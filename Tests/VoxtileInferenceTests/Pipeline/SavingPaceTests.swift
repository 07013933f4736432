import Testing

@testable import VoxtileInference

@Suite("SavingPace") struct SavingPaceTests {
  @Test("what is small is saved each time")
  func small() {
    var (pace, saves) = (SavingPace(bytes: 1 << 20), 0)
    for _ in 0..<5 { pace.save { saves += 1 } }
    #expect(saves == 5)
  }

  @Test("what would take seconds is not saved at once, and a save that was fast is soon followed by another")
  func large() async throws {
    var (pace, saves) = (SavingPace(bytes: 64 << 20), 0)
    pace.save { saves += 1 }
    #expect(saves == 0)
    // 64 MiB are thought to take 0.13 s.
    try await Task.sleep(for: .seconds(1.4))
    pace.save { saves += 1 }
    #expect(saves == 1)
    // The save itself took next to nothing.
    try await Task.sleep(for: .seconds(0.1))
    pace.save { saves += 1 }
    #expect(saves == 2)
  }

  @Test("after a save that failed, the next one is not put off")
  func failed() {
    struct Failure: Error {}
    var (pace, saves) = (SavingPace(bytes: 0), 0)
    #expect(throws: Failure.self) { try pace.save { throw Failure() } }
    pace.save { saves += 1 }
    #expect(saves == 1)
  }
}
