import VoxtileStore

extension MemoryPlan {
  /// The plan in a few words.
  var text: String {
    let scratch = scratchBytes > 0 ? ", \(Console.bytes(scratchBytes)) of scratch" : ""
    return "\(Console.bytes(peakBytes))\(scratch) (\(step.summary))"
  }
}
