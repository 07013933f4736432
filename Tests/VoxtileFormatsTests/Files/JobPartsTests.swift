import Foundation
import Synchronization
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

/// Parts of a job that make one result.
@Suite("JobParts") struct JobPartsTests {
  /// Something under the name of the result, which parts write to before they end.
  private func result(in folder: String) throws -> String {
    try writeFile([1], to: "\(folder)/a.zarr")
    return "\(folder)/a.zarr"
  }

  @Test("of a result that was removed no part is done")
  func removed() throws {
    try withTemporaryFolder { folder in
      let result = try result(in: folder)
      #expect(try !JobParts(of: result, count: 2, identity: "job").end(1) {})
      #expect(try JobParts(of: result, count: 2, identity: "job").isDone(1))
      try FileManager.default.removeItem(atPath: result)
      #expect(try !JobParts(of: result, count: 2, identity: "job").isDone(1))
    }
  }

  @Test("who ends the last part completes the result, once, whatever the order")
  func completes() throws {
    for var random in SplitMix64.cases(5, from: 1) {
      try withTemporaryFolder { folder in
        let result = try result(in: folder)
        let completions = Completions()
        var ended: Set<Int> = []
        // Part 2 is done twice, and its folder is there as long as the others are not done.
        for part in ([2] + [1, 2, 3]).shuffled(using: &random) {
          if ended.count == 3 { continue }
          let parts = try JobParts(of: result, count: 3, identity: "job")
          ended.insert(part)
          let isComplete = try parts.end(part) { completions.count() }
          #expect(isComplete == (ended.count == 3))
        }
        #expect(completions.total == 1)
        #expect(try fileNames(in: folder) == ["a.zarr"])
      }
    }
  }

  @Test("many parts that end at the same time complete the result once")
  func together() async throws {
    try await withTemporaryFolder { folder in
      let result = try result(in: folder)
      let completions = Completions()
      let ends = try await withThrowingTaskGroup(of: Bool.self) { group in
        for part in 1...4 {
          let parts = try JobParts(of: result, count: 4, identity: "job")
          group.addTask {
            try parts.end(part) { completions.count() }
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(completions.total == 1 && ends.contains(true))
    }
  }

  @Test("a part whose completion failed is ended again; another job's parts are refused")
  func failures() throws {
    struct Failed: Error {}
    try withTemporaryFolder { folder in
      let result = try result(in: folder)
      let parts = try JobParts(of: result, count: 1, identity: "job")
      #expect(throws: Failed.self) { _ = try parts.end(1) { throw Failed() } }
      #expect(throws: VoxtileError.self) { _ = try JobParts(of: result, count: 2, identity: "job") }
      #expect(throws: VoxtileError.self) { _ = try JobParts(of: result, count: 1, identity: "other") }
      #expect(try parts.end(1) {})
      // Somebody else has completed it.
      #expect(try parts.end(1) { Issue.record("completed twice") })
    }
  }
}

/// Counts from several threads.
private final class Completions: Sendable {
  private let number = Mutex(0)
  var total: Int { number.withLock { $0 } }
  func count() { number.withLock { $0 += 1 } }
}
