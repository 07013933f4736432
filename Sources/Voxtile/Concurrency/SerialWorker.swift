import Dispatch
import Synchronization

/// A thread that does one piece of work after another, while whoever asked for it does something else.
package final class SerialWorker: Sendable {
  private let queue: DispatchQueue
  private let isFree = DispatchSemaphore(value: 1)
  private let failure = Mutex<(any Error)?>(nil)

  /// Creates a worker; the name shows up in debuggers.
  package init(_ name: String) {
    queue = DispatchQueue(label: "voxtile.\(name)")
  }

  /// Begins a piece of work once the one before is done, so that at most one is under way.
  ///
  /// - Throws: what an earlier piece threw; then nothing is begun.
  package func begin(_ body: @escaping @Sendable () throws -> Void) throws {
    isFree.wait()
    if let failure = failure.withLock({ $0 }) {
      isFree.signal()
      throw failure
    }
    queue.async { [self] in
      do {
        try body()
      } catch {
        failure.withLock { $0 = error }
      }
      isFree.signal()
    }
  }

  /// Waits until no work is under way, however it ended, and until it has let go of what it used, such as files that are
  /// removed when nobody holds them.
  package func wait() { queue.sync {} }

  /// Waits until all work that was begun is done.
  ///
  /// - Throws: what a piece of it threw.
  package func finish() throws {
    wait()
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  /// Does a piece of work without blocking the task that asks for it.
  ///
  /// - Parameter body: is given a function that throws `CancellationError` once the task is canceled; long work calls it
  ///   from time to time.
  package func run<Result: Sendable>(
    _ body: @escaping @Sendable (_ checkCancellation: @Sendable () throws -> Void) throws -> Result
  ) async throws -> Result {
    let flag = CancellationFlag()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        queue.async { continuation.resume(with: Swift.Result { try body(flag.check) }) }
      }
    } onCancel: {
      flag.isCancelled.store(true, ordering: .relaxed)
    }
  }
}

/// Tells a thread outside of a task that the task was canceled.
private final class CancellationFlag: Sendable {
  let isCancelled = Atomic(false)

  @Sendable func check() throws {
    if isCancelled.load(ordering: .relaxed) { throw CancellationError() }
  }
}
