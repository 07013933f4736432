import Synchronization
import Voxtile

/// The line on a terminal that says how far many scans are.
final class CaseProgress: Sendable {
  private struct State {
    /// The scans that are worked on, each with its patches: done, and in all.
    var current: [String: (done: Int, total: Int)] = [:]
    var begun = 0
  }

  private let bar: ProgressBar
  private let count: Int
  private let state = Mutex(State())

  /// - Parameter count: how many scans there are.
  init(_ name: String, of count: Int) {
    bar = ProgressBar(name)
    self.count = count
  }

  /// A scan is worked on from now on.
  func begin(_ name: String) {
    state.withLock { state in
      state.current[name] = (0, 0)
      state.begun += 1
    }
  }

  /// A scan is done.
  func end(_ name: String) {
    state.withLock { $0.current[name] = nil }
    bar.clear()
  }

  /// Follows one scan, and stops it when the program is interrupted.
  func following(_ name: String) -> JobProgress {
    JobProgress { [self] done, total in
      try Interrupt.check()
      let (begun, patches, all) = state.withLock { state in
        if state.current[name] != nil { state.current[name] = (done, total) }
        return (
          state.begun, state.current.values.reduce(0) { $0 + $1.done },
          state.current.values.reduce(0) { $0 + $1.total }
        )
      }
      if all > 0 { bar.update("scan \(begun) of \(count)", patches, of: all) }
    }
  }
}
