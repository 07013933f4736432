import Voxtile

/// Predictions of patches that were kept, and how they become an image: without the scan and the network.
///
/// What is merged has the bits that predicting the whole scan at once has.
package struct StoredPredictions: Sendable {
  /// How they become an image.
  package let layout: PredictionLayout
  /// What is kept.
  package let store: any PredictionStore

  /// Takes what was kept.
  package init(_ layout: PredictionLayout, in store: any PredictionStore) {
    self.layout = layout
    self.store = store
  }

  /// What merging takes.
  package struct Plan: Sendable {
    /// What is written.
    package let kinds: Set<PredictionKind>
    /// The most memory that is needed, in bytes, the program included.
    package let peakBytes: Int
    /// What goes to scratch files, in bytes.
    package let scratchBytes: Int
    let memory: InferenceMemory
    let jobs: Jobs
  }

  /// What merging did.
  package struct Report: Sendable {
    /// Patches whose predictions were merged.
    package var mergedPatches = 0
    /// Patches that had been skipped, and are background.
    package var skippedPatches = 0
  }

  /// Works out what merging takes.
  ///
  /// - Parameters:
  ///   - kinds: what is written.
  ///   - writerByteCount: the memory that the writers hold themselves.
  /// - Throws: `VoxtileError.Code.memoryTooLow` where the limit is too low, `VoxtileError.Code.invalidOption` where the network gave
  ///   labels and values for each class are asked for.
  package func plan(
    _ kinds: Set<PredictionKind>, limits: JobLimits, writerByteCount: Int
  ) throws(VoxtileError) -> Plan {
    if layout.votes != nil, let kind = [PredictionKind.probabilities, .logits].first(where: kinds.contains) {
      throw .needsClasses("there are no \(kind.rawValue)", "labels", found: kind.rawValue)
    }
    let found = try InferenceMemory.plan(
      merging: MergeSizes(layout, kinds: kinds, jobs: limits.jobs),
      patchBytes: 4 * layout.channels * layout.grid.patch.voxelCount, writers: writerByteCount,
      limit: limits.onThisMachine.memory)
    return Plan(
      kinds: kinds, peakBytes: found.peak, scratchBytes: found.scratch, memory: found.memory,
      jobs: limits.jobs)
  }

  /// The patches, by number, that some slices of the result need: whole layers of them.
  ///
  /// - Parameter slices: the slices; `nil` for all.
  package func patches(forSlices slices: Range<Int>? = nil) -> Range<Int> {
    let (layers, rowCount) = (layers(forSlices: slices), layout.grid.counts.y * layout.grid.counts.x)
    return layers.lowerBound * rowCount..<layers.upperBound * rowCount
  }

  /// The patches, by number, of which nothing is kept, among those that some slices of the result need.
  ///
  /// - Parameter slices: the slices; `nil` for all.
  /// - Throws: what looking into the store throws.
  /// - Complexity: O(patches), each looked for in the store.
  package func missingPatches(forSlices slices: Range<Int>? = nil) throws -> [Int] {
    try patches(forSlices: slices).filter { try !store.holds($0) }
  }

  /// Removes predictions that no other slices of the result need.
  ///
  /// - Parameters:
  ///   - merged: slices that are merged.
  ///   - others: slices that are not merged yet.
  /// - Throws: what removing them from the store throws.
  /// - Complexity: O(patches).
  package func removePatches(ofSlices merged: [Range<Int>], exceptForSlices others: [Range<Int>]) throws {
    let needed = others.map { patches(forSlices: $0) }
    for patch in Set(merged.flatMap { patches(forSlices: $0) }).sorted()
    where !needed.contains(where: { $0.contains(patch) }) {
      try store.remove(patch)
    }
  }

  /// Merges what is kept.
  ///
  /// - Parameters:
  ///   - plan: made of these predictions.
  ///   - writers: where each kind of output goes, made with ``PredictionLayout/info(of:)``.
  ///   - slices: the slices that are merged; the writers get just these, and are not finished. `nil` for all.
  /// - Throws: `VoxtileError.Code.missingPatch` where patches were not predicted, `VoxtileError.Code.malformedFile` where what is
  ///   kept is damaged, `CancellationError` where the task was canceled, what reading and writing and the progress throw.
  package func merge(
    _ plan: Plan, to writers: [PredictionKind: any VolumeWriter], slices: Range<Int>? = nil,
    progress: JobProgress = .none
  ) async throws -> Report {
    try checkComplete(forSlices: slices)
    let wanted: [PredictionKind: any VolumeWriter] =
      slices.map { slices in writers.mapValues { SlicesWriter($0, slices: slices) } } ?? writers
    let merger = try PredictionMerger(
      layout, memory: plan.memory, comparing: plan.kinds.contains(.disagreement), jobs: plan.jobs,
      writers: wanted, slices: slices)
    let (reading, merging) = (SerialWorker("read"), SerialWorker("merge"))
    defer {
      reading.wait()
      merging.wait()
    }
    let (layers, patches) = (layers(forSlices: slices), patches(forSlices: slices))
    merger.begin(atLayer: layers.lowerBound)
    var report = Report()
    @Sendable func read(_ number: Int) throws -> (patch: Patch, values: [Float]?)? {
      guard number < patches.upperBound else { return nil }
      let patch = layout.grid[number]
      return (patch, try store.prediction(ofPatch: number, extent: patch.region.extent))
    }
    try progress(0, of: patches.count)
    var next = try await reading.run { _ in try read(patches.lowerBound) }
    while let (patch, values) = next {
      try Task.checkCancellation()
      async let following = reading.run { _ in try read(patch.index + 1) }
      if let values {
        report.mergedPatches += 1
        try await merging.run { _ in try merger.add(values.span, at: patch) }
      } else {
        report.skippedPatches += 1
      }
      try progress(patch.index + 1 - patches.lowerBound, of: patches.count)
      next = try await following
    }
    try await merging.run { _ in try merger.finish(afterLayer: layers.upperBound - 1) }
    // Of some slices, what they are written to is not finished.
    try await merging.run { _ in try merger.finishWriters() }
    return report
  }

  /// The slices of what is merged that some slices of the result are made from.
  private func mergedSlices(for slices: Range<Int>) -> Range<Int> {
    layout.wayBack?.planes(forSlices: slices) ?? slices
  }

  /// The layers of patches that some slices need.
  private func layers(forSlices slices: Range<Int>?) -> Range<Int> {
    let (schedule, count) = (MergeSchedule(layout.grid), layout.grid.counts.z)
    guard let slices = slices.map(mergedSlices) else { return 0..<count }
    let range = slices.lowerBound - layout.origin.z..<slices.upperBound - layout.origin.z
    var first = min(schedule.firstLayerNeeded(fromSlice: max(0, range.lowerBound)), count - 1)
    // Slices between two layers are written with the first of them.
    while first > 0, schedule.finishedSlices(afterLayers: first) > range.lowerBound { first -= 1 }
    var end = first + 1
    while end < count, schedule.finishedSlices(afterLayers: end) < range.upperBound { end += 1 }
    return first..<end
  }

  /// Makes sure that the patches are there that some slices of the result need.
  ///
  /// - Parameter slices: the slices; `nil` for all.
  /// - Throws: `VoxtileError.Code.missingPatch` where they are not, and what looking into the store throws.
  package func checkComplete(forSlices slices: Range<Int>? = nil) throws {
    let missing = try missingPatches(forSlices: slices)
    guard let first = missing.first else { return }
    let removed = try missing.filter { try store.isRemoved($0) }
    if let first = removed.first {
      throw VoxtileError(
        .missingPatch,
        "the predictions of \(removed.count) of \(layout.grid.count) patches were removed when they had been merged, the first of them "
          + "number \(first); predict them again, into another folder",
        context: .init(
          expected: "\(layout.grid.count) patches", found: "\(layout.grid.count - removed.count)"))
    }
    throw VoxtileError(
      .missingPatch,
      "not predicted yet: \(missing.count) of \(layout.grid.count) patches, of which number \(first) is the first; run infer again for the "
        + "parts that are missing",
      context: .init(
        expected: "\(layout.grid.count) patches", found: "\(layout.grid.count - missing.count)"))
  }
}
