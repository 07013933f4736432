/// How the caller follows a long job, and stops it.
///
/// A closure is called at every step, or a loop awaits the steps of a job that runs elsewhere:
///
///     let (progress, updates) = JobProgress.stream()
///     async let report = merge(progress: progress)
///     for await update in updates { bar.value = update.fraction }
///     try await report
///
/// A job that runs in a task stops when the task is canceled: it then throws `CancellationError`, and nothing half-written
/// stays.
public struct JobProgress: Sendable {
  /// How far a job is.
  public struct Update: Hashable, Sendable {
    /// The number of patches done.
    public let done: Int
    /// The number of patches to do.
    public let total: Int

    /// The part that is done, from 0 to 1.
    public var fraction: Double { total > 0 ? Double(done) / Double(total) : 1 }
  }

  private let report: @Sendable (_ done: Int, _ total: Int) throws -> Void

  /// Creates a follower.
  ///
  /// - Parameter report: called with the number of patches done and to do, from any thread, at least once a
  ///   patch. What it throws (such as `CancellationError`) stops the job, and nothing half-written stays.
  public init(_ report: @escaping @Sendable (_ done: Int, _ total: Int) throws -> Void) {
    self.report = report
  }

  /// Follows nothing.
  public static let none = JobProgress { _, _ in }

  /// A follower, and what it is told as a sequence to await.
  ///
  /// The sequence ends when the last copy of the follower is gone, with the job. A loop that is slow misses updates but
  /// never the newest one. Leaving the loop does not stop the job; canceling its task does.
  public static func stream() -> (progress: JobProgress, updates: AsyncStream<Update>) {
    let (updates, continuation) = AsyncStream<Update>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let source = UpdateSource(continuation)
    return (JobProgress { done, total in source.send(Update(done: done, total: total)) }, updates)
  }

  /// Says how far the job is.
  ///
  /// - Throws: what the follower throws, to stop the job, and `CancellationError` where the current task is canceled.
  package func callAsFunction(_ done: Int, of total: Int) throws {
    try Task.checkCancellation()
    try report(done, total)
  }
}

/// Ends a sequence of updates with its own life.
private final class UpdateSource: Sendable {
  private let continuation: AsyncStream<JobProgress.Update>.Continuation

  init(_ continuation: AsyncStream<JobProgress.Update>.Continuation) {
    self.continuation = continuation
  }

  deinit { continuation.finish() }

  func send(_ update: JobProgress.Update) { continuation.yield(update) }
}
