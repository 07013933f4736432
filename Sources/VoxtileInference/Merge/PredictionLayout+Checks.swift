import Synchronization
import Voxtile

extension PredictionLayout {
  /// Makes sure that what was predicted of a patch can be merged.
  ///
  /// - Throws: `VoxtileError.Code.predictionFailed` for a value that is not finite, and one that is no label where the network gives
  ///   labels.
  func check(_ values: Span<Float>, of patch: Patch, jobs: Jobs) throws(VoxtileError) {
    guard values.isFinite(jobs) else {
      let found = values.holdsNaN ? "NaN" : "infinite"
      throw VoxtileError(
        .predictionFailed,
        "the model gave a value that is not a number (\(found)) for \(patch)", remedy: .checkNormalization,
        context: .init(expected: "numbers", found: found))
    }
    if let stray = votes?.stray(in: values) { throw strayLabel(stray, in: patch) }
  }

  /// The model gave something that is no label.
  private func strayLabel(_ value: Float, in patch: Patch) -> VoxtileError {
    let range = votes.map { "\($0.range.lowerBound) to \($0.range.upperBound)" } ?? "none"
    return VoxtileError(
      .predictionFailed,
      "the model gave \(value) for \(patch), but its labels are whole numbers from \(range)",
      remedy: .giveAllLabels, context: .init(expected: range, found: "\(value)"))
  }
}

extension Span<Float> {
  /// Whether all values are finite; infinity times a weight of 0, or infinity minus infinity, would be NaN.
  fileprivate func isFinite(_ jobs: Jobs) -> Bool {
    let run = 1 << 16
    let found = Atomic(false)
    withUnsafeBufferPointer { values in
      let source = SharedFloats(values)
      let count = values.count
      jobs.forEach((count + run - 1) / run) { part in
        let part = UnsafeBufferPointer(
          rebasing: source.buffer[part * run..<min(count, (part + 1) * run)])
        if !part.span.isFinite { found.store(true, ordering: .relaxed) }
      }
    }
    return !found.load(ordering: .relaxed)
  }

  /// Whether all values are finite. Does not stop at the first that is not, so that the loop is vectorized.
  private var isFinite: Bool {
    var found: UInt32 = 0
    for index in 0..<count { found |= self[index] - self[index] == 0 ? 0 : 1 }
    return found == 0
  }

  fileprivate var holdsNaN: Bool { indices.contains { self[$0].isNaN } }
}
