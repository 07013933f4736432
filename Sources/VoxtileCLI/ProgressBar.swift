import Synchronization
import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A line on a terminal that says how far a job is; nothing in a pipe, nothing in the first second.
final class ProgressBar: Sendable {
  private struct State {
    var start = ContinuousClock.now
    var lastDrawn: ContinuousClock.Instant?
    var furthest = 0
  }

  private let name: String
  private let isVisible = isatty(STDERR_FILENO) == 1
  private let state = Mutex(State())

  init(_ name: String) {
    self.name = name
  }

  /// Follows a job, and stops it when the program is interrupted.
  var progress: JobProgress {
    JobProgress { [self] done, total in
      try Interrupt.check()
      update(done, of: total)
    }
  }

  /// Removes the line.
  func clear() {
    let wasDrawn = state.withLock { $0.lastDrawn != nil }
    if wasDrawn { Console.write("\r\u{1B}[K", to: STDERR_FILENO) }
  }

  private func update(_ done: Int, of total: Int) {
    guard isVisible else { return }
    state.withLock { state in
      let now = ContinuousClock.now
      state.furthest = max(state.furthest, done)
      let isDue = state.lastDrawn.map { now - $0 > .milliseconds(100) } ?? (now - state.start > .seconds(1))
      guard isDue else { return }
      state.lastDrawn = now
      let line = Self.line(name, state.furthest, of: total, after: now - state.start)
      Console.write("\r\(line)\u{1B}[K", to: STDERR_FILENO)
    }
  }

  private static func line(_ name: String, _ done: Int, of total: Int, after time: Duration) -> String {
    let width = 24
    let filled = total > 0 ? done * width / total : width
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    var line = "\(name) [\(bar)] \(done)/\(total) patches"
    if done > 0 {
      let left = time * (Double(total - done) / Double(done))
      line += ", \(left.components.seconds) s left"
    }
    return line
  }
}
