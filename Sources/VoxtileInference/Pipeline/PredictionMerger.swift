import Voxtile
import VoxtileFormats

/// Adds predictions to the sums and writes every slice as soon as it is finished.
final class PredictionMerger: @unchecked Sendable {
  private let plan: InferencePlan
  private let band: PredictionBand
  private let finisher: SliceFinisher
  private let writers: [PredictionKind: any VolumeWriter]
  private let jobs: Jobs
  /// The box of the output that is predicted.
  private let box: Region
  /// Slices of the output that have been written.
  private var written = 0

  init(
    _ plan: InferencePlan, settings: InferenceSettings, writers: [PredictionKind: any VolumeWriter]
  ) throws {
    self.plan = plan
    self.writers = writers
    jobs = settings.jobs
    box = plan.scale.scaled(plan.box, in: plan.source.info.extent).intersection(Region(plan.outputExtent))
    band = try PredictionBand(
      grid: plan.outputGrid, channels: plan.channels, shares: plan.shares,
      residentBytes: plan.memory.residentBandBytes, jobs: settings.jobs)
    finisher = SliceFinisher(
      channels: plan.channels, activation: plan.activation, labels: plan.labels,
      background: SliceFinisher.hasThreshold(plan.activation, channels: plan.channels) ? 0 : plan.labels[0],
      threshold: Float(settings.labels.threshold))
  }

  /// Adds the predictions of a batch.
  ///
  /// - Throws: `VoxtileError.Code.predictionFailed` for a NaN or another shape than the model gave before, and what writing
  ///   throws.
  func add(_ output: PatchTensor, of patches: [Patch]) throws {
    let extent = patches.first.map { plan.outputGrid.patch(at: $0.gridPosition).region.extent }
    let count = plan.isBatchFixed ? plan.batch : patches.count
    let shape = [count, plan.channels] + (extent.map(plan.frame.shape) ?? [])
    guard output.shape == shape else {
      throw VoxtileError(
        .predictionFailed,
        "the model gave \(output.shape) for \(patches.first.map { "\($0)" } ?? "no patch"), not \(shape)",
        context: .init(expected: "\(shape)", found: "\(output.shape)"))
    }
    try output.withValues { values in
      let count = values.count / count
      for (number, patch) in patches.enumerated() {
        try add(
          UnsafeBufferPointer(rebasing: values[number * count..<(number + 1) * count]),
          at: plan.outputGrid.patch(at: patch.gridPosition))
      }
    }
  }

  private func add(_ values: UnsafeBufferPointer<Float>, at patch: Patch) throws {
    guard isFinite(values.span) else {
      let found = values.contains(where: \.isNaN) ? "NaN" : "infinite"
      throw VoxtileError(
        .predictionFailed,
        "the model gave a value that is no number (\(found)) for \(patch); look at --normalize and at the scan's own "
          + "values",
        context: .init(expected: "numbers", found: found))
    }
    try write(before: max(0, plan.outputGrid.axes.z.starts[patch.gridPosition.z]))
    if plan.frame.isIdentity {
      band.add(values, at: patch)
      return
    }
    let walk = plan.frame.walk(over: patch.region.extent)
    let count = patch.region.voxelCount
    let turned = [Float](unsafeUninitializedCapacity: values.count) { buffer, initialized in
      for channel in 0..<plan.channels {
        let range = channel * count..<(channel + 1) * count
        walk.write(
          UnsafeBufferPointer(rebasing: values[range]).span,
          to: UnsafeMutableBufferPointer(rebasing: buffer[range]).mutableSpan)
      }
      initialized = values.count
    }
    turned.withUnsafeBufferPointer { band.add($0, at: patch) }
  }

  /// Writes what is left.
  func finish() throws {
    try write(before: plan.outputGrid.extent.depth)
    try write(to: plan.outputExtent.depth)
    for writer in writers.values { try writer.finish() }
  }

  /// Writes the slices of the predicted box before one of them.
  private func write(before slice: Int) throws {
    try write(to: min(slice + box.origin.z, box.z.upperBound))
  }

  private func write(to end: Int) throws {
    while written < end {
      let slices = written..<min(end, written + plan.memory.slabSlices)
      try writeSlab(slices)
      written = slices.upperBound
    }
  }

  private func writeSlab(_ slices: Range<Int>) throws {
    let kinds = writers.keys.sorted { $0.rawValue < $1.rawValue }
    var slabs = kinds.map { PredictionSlab($0, slices: slices, plan: plan, finisher: finisher) }
    for z in slices where box.z.contains(z) {
      band.takeSlice(z - box.origin.z) { sums in
        for index in slabs.indices {
          slabs[index].set(z, box: box, sums: sums, hasWeights: plan.shares.needsSums, jobs: jobs)
        }
      }
    }
    for slab in slabs { try slab.write(to: writers[slab.kind]) }
  }

  /// Whether all values are numbers; an infinite one becomes NaN where its weight is 0 or another one joins it.
  private func isFinite(_ values: Span<Float>) -> Bool {
    // Whole runs at a time, so that vectors of them are looked at.
    var first = 0
    while first < values.count {
      let run = values.extracting(first..<min(first + 4096, values.count))
      var found: UInt32 = 0
      for index in 0..<run.count { found |= run[index] - run[index] == 0 ? 0 : 1 }
      if found != 0 { return false }
      first += 4096
    }
    return true
  }
}
