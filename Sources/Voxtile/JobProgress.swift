/// How the caller follows a long job, and stops it.
public struct JobProgress: Sendable {
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

  /// Says how far the job is.
  ///
  /// - Throws: what the follower throws, to stop the job.
  package func callAsFunction(_ done: Int, of total: Int) throws {
    try report(done, total)
  }
}
