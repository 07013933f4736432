import VoxtileInference

/// What a prediction will take, for a person.
struct InferenceSummary {
  private let plan: InferencePlan
  private let networks: Int
  private let engine: String

  /// - Parameters:
  ///   - networks: how many of them there are, of which the mean is taken.
  ///   - engine: what runs them.
  init(_ plan: InferencePlan, networks: Int, engine: String) {
    self.plan = plan
    self.networks = networks
    self.engine = engine
  }

  /// A few lines.
  var text: String {
    let mirrors = plan.predictionsPerPatch > 1 ? " x \(plan.predictionsPerPatch) mirrored" : ""
    let batch = plan.batch > 1 ? ", \(plan.batch) at once" : ""
    let scratch = plan.scratchBytes > 0 ? ", \(Console.bytes(plan.scratchBytes)) of scratch" : ""
    let part = plan.isWhole ? "" : "\npart     only \(plan.box) of the scan"
    let voxels =
      plan.isResampled
      ? "\nvoxels   \(plan.box.extent), resampled to \(plan.seenExtent) for the network, and back" : ""
    let classes = plan.givesLabels ? "labels" : Console.count(plan.channels, "class")
    let mean = networks > 1 ? "\nnetworks \(networks), of which the mean is taken" : ""
    let names =
      plan.labelNames.isEmpty
      ? "" : "\nlabels   " + plan.labelNames.map { "\($0.label) \($0.name)" }.joined(separator: ", ")
    return """
      patches  \(Console.grouped(plan.grid.count))\(mirrors) of \(plan.grid.patch)\(batch), \(classes)\(part)\(voxels)\(mean)\(names)
      engine   \(engine)
      memory   \(Console.bytes(plan.peakBytes)) and the network's own (\(Console.bytes(plan.bandBytes)) of sums)\(scratch)
      time     about \(Console.duration(plan.seconds.rounded(.up))) (\(Console.rounded(plan.secondsPerBatch, decimals: 2)) s per batch)
      """
  }
}
