import Dispatch
import Synchronization

/// A thread that does one piece of work at a time, while whoever asked for it does something else.
final class SerialWorker: Sendable {
  private let queue: DispatchQueue

  init(_ name: String) {
    queue = DispatchQueue(label: "voxtile.\(name)")
  }

  /// Begins a piece of work, behind those that were begun before.
  func begin<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) -> Pending<Result> {
    let pending = Pending<Result>()
    queue.async { pending.settle(Swift.Result { try body() }) }
    return pending
  }

  /// Waits until all work is done, however it ended.
  func drain() { queue.sync {} }
}

/// The result of a piece of work that may still be under way.
final class Pending<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let isSettled = DispatchSemaphore(value: 0)

  fileprivate func settle(_ result: Result<Value, any Error>) {
    self.result.withLock { $0 = result }
    isSettled.signal()
  }

  /// Waits for the result; to be called once.
  func get() throws -> Value {
    isSettled.wait()
    guard let result = result.withLock({ $0 }) else {
      preconditionFailure("a piece of work was waited for before it was settled")
    }
    return try result.get()
  }
}
