import Synchronization
import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A line on a terminal that says how far a job is; nothing in a pipe or on a dumb terminal, nothing in the first second. Where a program
/// wants to follow (`--progress-lines`), a line for each step instead.
final class ProgressBar: Sendable {
  private struct State {
    var start = ContinuousClock.now
    var lastDrawn: ContinuousClock.Instant?
    var furthest = 0
    var total = 0
    /// What is worked on, and since when.
    var name = ""
    var workStart = ContinuousClock.now
  }

  private let name: String
  private let printsLines = Console.printsProgressLines
  private let isVisible = Terminal.messages.isRedrawable && Console.level != .quiet
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
    let wasDrawn = state.withLock { state in
      defer { state.lastDrawn = nil }
      return state.lastDrawn != nil
    }
    if wasDrawn, !printsLines { Console.write("\r\u{1B}[K", to: STDERR_FILENO) }
  }

  private func update(_ done: Int, of total: Int) { update(name, done, of: total) }

  /// Draws the line if it is time.
  ///
  /// - Parameter name: what the line begins with; the work may be another one than before.
  func update(_ name: String, _ done: Int, of total: Int) {
    guard isVisible || printsLines else { return }
    state.withLock { state in
      let now = ContinuousClock.now
      // Another name, or another number of steps, is other work.
      if name != state.name || total != state.total {
        if name != state.name { state.workStart = now }
        (state.name, state.total, state.furthest) = (name, total, 0)
      }
      state.furthest = max(state.furthest, done)
      guard !printsLines else { return printLine(of: total, now, &state) }
      let isDue = state.lastDrawn.map { now - $0 > .milliseconds(100) } ?? (now - state.start > .seconds(1))
      guard isDue else { return }
      state.lastDrawn = now
      let line = Self.line(name, state.furthest, of: total, after: now - state.workStart)
      Console.write("\r\(line)\u{1B}[K", to: STDERR_FILENO)
    }
  }

  /// Prints a line for a program, not more than ten a second and always the last one.
  private func printLine(of total: Int, _ now: ContinuousClock.Instant, _ state: inout State) {
    guard state.furthest >= total || state.lastDrawn.map({ now - $0 > .milliseconds(100) }) ?? true else {
      return
    }
    state.lastDrawn = now
    Console.write("progress \(state.name.printable) \(state.furthest)/\(total)\n", to: STDERR_FILENO)
  }

  /// The line, within the terminal's width: a bar, and patches done, their rate, the time left and the memory taken.
  static func line(
    _ name: String, _ done: Int, of total: Int, after time: Duration, memory: Int? = ProcessMemory.resident,
    on terminal: Terminal = .messages
  ) -> String {
    var words = ["\(done)/\(total) patches"]
    let seconds = time.seconds
    if done > 0, seconds > 0 {
      words.append("\(Console.rounded(Double(done) / seconds, decimals: 1))/s")
      words.append("\(Console.duration(seconds * Double(total - done) / Double(done))) left")
    }
    if let memory { words.append(Console.bytes(memory)) }
    // A line that is broken by the terminal could not be drawn over.
    while words.count > 1, words.joined(separator: ", ").count + name.count + 2 > terminal.width {
      words.removeLast()
    }
    let text = words.joined(separator: ", ")
    let width = min(24, terminal.width - text.count - name.count - 5)
    guard width >= 4 else { return String("\(name) \(text)".prefix(terminal.width - 1)) }
    let filled = total > 0 ? min(done, total) * width / total : width
    let bar =
      terminal.colored(String(repeating: "#", count: filled), .green)
      + String(repeating: ".", count: width - filled)
    return "\(name) [\(bar)] \(text)"
  }
}
