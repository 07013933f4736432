/// How the caller follows a long job, and stops it.
///
/// A closure is called at every step, from any thread. Where the steps should arrive in the caller's own task or actor,
/// such as the main actor of an app, ``follow(isolation:_:each:)`` runs the job beside it:
///
///     let report = try await JobProgress.follow { progress in
///       try merge(progress: progress)
///     } each: { update in
///       bar.value = update.fraction
///     }
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
  /// - Parameter report: called with the number of patches done and to do, from any thread, at least once a patch. It
  ///   should return soon, since the job waits for it. What it throws (such as `CancellationError`) stops the job, and nothing
  ///   half-written stays.
  public init(_ report: @escaping @Sendable (_ done: Int, _ total: Int) throws -> Void) {
    self.report = report
  }

  /// Follows nothing.
  public static let none = JobProgress { _, _ in }

  /// Runs a job in a task of its own, hands each of its updates to the caller, and gives the job's result.
  ///
  /// It returns when the job has ended, whether the job returns, throws, or keeps a copy of its follower. Where the
  /// caller's task is canceled, the job's task is too.
  ///
  /// - Parameters:
  ///   - isolation: the actor on which `each` is called, by default the caller's.
  ///   - job: the job, which gets the follower to report to.
  ///   - each: called with one update at a time. Where it is slow it misses updates but never the newest one.
  /// - Returns: what the job returns.
  /// - Throws: what the job throws.
  public static func follow<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation,
    _ job: @escaping @Sendable (_ progress: JobProgress) async throws -> Result,
    each: (_ update: Update) async -> Void
  ) async throws -> Result {
    let (updates, continuation) = AsyncStream<Update>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let progress = JobProgress { done, total in continuation.yield(Update(done: done, total: total)) }
    async let result = {
      defer { continuation.finish() }
      return try await job(progress)
    }()
    for await update in updates { await each(update) }
    return try await result
  }

  /// Says how far the job is.
  ///
  /// - Throws: what the follower throws, to stop the job, and `CancellationError` where the current task is canceled.
  package func callAsFunction(_ done: Int, of total: Int) throws {
    try Task.checkCancellation()
    try report(done, total)
  }
}
