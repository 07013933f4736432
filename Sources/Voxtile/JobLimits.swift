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

extension VoxtileError {
  /// No way of working keeps within the memory allowed.
  ///
  /// - Parameters:
  ///   - limit: the memory allowed, in bytes.
  ///   - needed: the least that would do, in bytes.
  ///   - advice: what the caller can do.
  package static func memoryTooLow(
    _ limit: Int, needed: Int, advice: String = "raise the limit or use smaller patches"
  ) -> VoxtileError {
    let mebibytes = (needed >> 20) + 1
    let isMachine = limit == MachineMemory.byteCount
    let limitWords =
      isMachine
      ? "there are \(limit >> 20) MiB of memory here" : "a memory limit of \(limit >> 20) MiB is too low"
    return VoxtileError(
      .memoryTooLow,
      "\(limitWords), \(mebibytes) MiB are needed; \(advice)",
      context: .init(expected: ">= \(mebibytes) MiB", found: "\(limit >> 20) MiB", neededBytes: needed))
  }
}
