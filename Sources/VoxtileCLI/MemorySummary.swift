import VoxtileStore

/// What a job will need, for a person and as JSON.
struct MemorySummary: Encodable {
  var peakBytes: Int
  var scratchBytes: Int
  var jobs: Int
  var method: String

  init(_ plan: MemoryPlan) {
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

  /// The summary in a few words.
  var text: String {
    let scratch = scratchBytes > 0 ? ", \(Console.bytes(scratchBytes)) of scratch" : ""
    return "\(Console.bytes(peakBytes))\(scratch) (\(method))"
  }
}
