import VoxtileStore

extension MemorySummary {
  /// The summary in a few words.
  var text: String {
    let scratch = scratchBytes > 0 ? ", \(Console.bytes(scratchBytes)) of scratch" : ""
    return "\(Console.bytes(peakBytes))\(scratch) (\(method))"
  }
}
