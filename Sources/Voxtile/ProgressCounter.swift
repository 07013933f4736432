import Synchronization

/// Counts patches that several threads finish, and reports each count once, in ascending order: the last report is the whole.
package final class ProgressCounter: Sendable {
  private let progress: JobProgress
  private let total: Int
  private let done: Mutex<Int>

  /// - Parameters:
  ///   - progress: what is reported to, by one thread at a time.
  ///   - done: how many patches are done already.
  ///   - total: the number of patches to do.
  package init(_ progress: JobProgress, after done: Int = 0, of total: Int) {
    self.progress = progress
    self.total = total
    self.done = Mutex(done)
  }

  /// Counts a patch that is finished; callable from any thread.
  ///
  /// - Throws: what the progress throws, to stop the job.
  package func countOne() throws {
    // The report is part of the lock, or a thread that is interrupted between both would report last what it counted first.
    try done.withLock { done in
      done += 1
      try progress(done, of: total)
    }
  }
}
