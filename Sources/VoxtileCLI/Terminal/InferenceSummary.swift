import VoxtileInference

/// What a prediction will take, for a person.
struct InferenceSummary {
  private let plan: InferencePlan

  init(_ plan: InferencePlan) { self.plan = plan }

  /// A few lines.
  var text: String {
    let mirrors = plan.predictionsPerPatch > 1 ? " x \(plan.predictionsPerPatch) mirrored" : ""
    let batch = plan.batch > 1 ? ", \(plan.batch) at once" : ""
    let scratch = plan.scratchBytes > 0 ? ", \(Console.bytes(plan.scratchBytes)) of scratch" : ""
    let part = plan.isWhole ? "" : "\npart     only \(plan.box) of the scan"
    return """
      patches  \(Console.grouped(plan.grid.count))\(mirrors) of \(plan.grid.patch)\(batch), \(Console.count(plan.channels, "class"))\(part)
      memory   \(Console.bytes(plan.peakBytes)) and the network's own (\(Console.bytes(plan.bandBytes)) of sums)\(scratch)
      time     about \(Console.duration(plan.seconds.rounded(.up))) (\(Console.rounded(plan.secondsPerBatch, decimals: 2)) s a batch)
      """
  }
}
