import Voxtile

/// What a job will need, as JSON says it.
public struct MemorySummary: Codable, Sendable {
  /// The most memory, with the program itself, in bytes.
  public var peakBytes: Int
  /// What goes to a scratch file, in bytes.
  public var scratchBytes: Int
  /// How many patches are worked on at the same time.
  public var jobs: Int
  /// What is in memory at a time, in words.
  public var method: String

  /// Describes a plan.
  public init(_ plan: MemoryPlan) {
    peakBytes = plan.peakBytes
    scratchBytes = plan.scratchBytes
    jobs = plan.jobs.count
    method =
      switch plan.method {
      case .cropLayers: "slabs, each read once"
      case .cropRows: "one row of patches at a time"
      case .cropPatches: "one patch at a time"
      case .mergePatches: "patches, each read once"
      case .mergeSlices(let count): "\(count) slices at a time"
      }
  }
}
