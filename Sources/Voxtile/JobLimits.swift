/// How much of the machine a job may use. The result never depends on it.
public struct JobLimits: Hashable, Sendable {
  /// How many threads work; fewer where more do not fit in the memory.
  public var jobs: Jobs
  /// The most memory to use, in bytes, the program included; `nil` for no limit.
  public var memory: Int?

  /// Creates limits. By default all cores work, and memory has no limit.
  public init(jobs: Jobs = .all, memory: Int? = nil) {
    self.jobs = jobs
    self.memory = memory
  }
}
