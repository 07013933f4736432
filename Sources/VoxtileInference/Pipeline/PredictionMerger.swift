import Synchronization
import Voxtile

/// Adds predictions to the sums and writes every slice as soon as it is finished.
///
/// Patches come in the order of the grid; a row of the grid is closed when the first patch after it comes, a layer when
/// its last row is closed.
///
/// Unchecked, because one worker calls it, one call after another.
final class PredictionMerger: @unchecked Sendable {
  private let plan: InferencePlan
  private let geometry: MergeSchedule
  private let sums: GridRowSums
  private let carry: LayerHandover
  private let outputs: [FinishedSlices]
  private let jobs: Jobs
  /// Where the predicted box lies in the output.
  private let origin: Position

  /// Whether the predicted box is the whole output, and some patch holds each of its voxels.
  private let isWholeOutputSet: Bool

  /// What a stopped run is gone on from, if it is kept.
  private let state: PredictionState?
  /// The patches that were added, also by a stopped run.
  private var addedPatches = 0

  /// The row that is being added to.
  private var layer = -1
  private var row = -1
  /// The lines of the layer that have been begun, and those that have been finished.
  private var begunLines = 0
  private var finishedLines = 0
  /// The slices that the layer before handed on.
  private var carried = 0..<0
  /// The slices of the box that are finished, and those of the output that are written.
  private var finishedSlices = 0
  private var writtenSlices = 0

  init(
    _ plan: InferencePlan, settings: InferenceSettings, writers: [PredictionKind: any VolumeWriter],
    state: PredictionState? = nil
  ) throws {
    self.plan = plan
    self.state = state
    jobs = settings.limits.jobs
    geometry = MergeSchedule(plan.outputGrid)
    let finisher = plan.decision(settings)
    sums = try GridRowSums(
      geometry, channels: plan.channels, shares: plan.shares,
      winners: plan.tracksWinners && plan.votes == nil ? finisher : nil, votes: plan.votes,
      residentBytes: plan.memory.residentRowBytes, jobs: settings.limits.jobs)
    carry = try LayerHandover(geometry, planes: sums.planes, inMemory: plan.memory.carriesInMemory)
    let slices = plan.memory.outputSlices
    outputs = try writers.sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, writer in
      try FinishedSlices(
        kind, plan: plan, finisher: finisher, slices: slices,
        residentBytes: plan.memory.residentOutputBytes, writer: state?.recording(kind, writer) ?? writer)
    }
    origin = plan.scale.scaled(plan.box, in: plan.source.info.extent).origin
    isWholeOutputSet =
      plan.outputGrid.extent == plan.outputExtent
      && plan.outputGrid.axes.all.allSatisfy { $0.coveredCount == $0.length }
    if let state, state.layers > 0 { try resume(state, writers) }
  }

  /// Goes on after the layers that a stopped run has finished.
  private func resume(_ state: PredictionState, _ writers: [PredictionKind: any VolumeWriter]) throws {
    layer = state.layers - 1
    addedPatches = state.predicted
    finishedSlices = geometry.finishedSlices(afterLayers: state.layers)
    writtenSlices = origin.z + finishedSlices
    for (kind, writer) in writers {
      try state.replay(kind, plan.info(of: kind), slices: writtenSlices, to: writer)
    }
    try state.load(into: carry)
  }

  /// Adds the predictions of a batch.
  ///
  /// - Throws: `VoxtileError.Code.predictionFailed` for a NaN or another shape than the model gave before, and what writing
  ///   throws.
  func add(_ output: PatchTensor, of patches: [Patch]) throws {
    let extent = patches.first.map { plan.outputGrid.patch(at: $0.gridPosition).region.extent }
    let count = plan.cutting.isBatchFixed ? plan.batch : patches.count
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
    guard isFinite(values) else {
      let found = values.contains(where: \.isNaN) ? "NaN" : "infinite"
      throw VoxtileError(
        .predictionFailed,
        "the model gave a value that is not a number (\(found)) for \(patch)", remedy: .checkNormalization,
        context: .init(expected: "numbers", found: found))
    }
    if let stray = plan.votes?.stray(in: values) { throw plan.strayLabel(stray, in: patch) }
    try open(layer: patch.gridPosition.z, row: patch.gridPosition.y)
    addedPatches += 1
    if plan.frame.isIdentity { return sums.add(values, at: patch) }
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
    turned.withUnsafeBufferPointer { sums.add($0, at: patch) }
  }

  /// Writes what is left.
  func finish() throws {
    let counts = plan.outputGrid.counts
    try open(layer: counts.z - 1, row: counts.y - 1)
    try closeRow()
    try closeLayer()
    try writeBackground(before: plan.outputExtent.depth)
    for output in outputs { try output.finish() }
  }

  /// Closes rows until one is open.
  private func open(layer: Int, row: Int) throws {
    while (self.layer, self.row) < (layer, row) {
      if self.row >= 0 { try closeRow() }
      if self.row < 0 || self.row + 1 == plan.outputGrid.counts.y {
        if self.row >= 0 { try closeLayer() }
        try beginLayer(self.layer + 1)
        self.row = 0
      } else {
        self.row += 1
      }
      let lines = geometry.rows(ofGridRow: self.row)
      if lines.upperBound > begunLines {
        try sums.begin(
          lines: max(begunLines, lines.lowerBound)..<lines.upperBound, carried: carried, from: carry)
        begunLines = lines.upperBound
      }
    }
  }

  private func beginLayer(_ layer: Int) throws {
    carried =
      layer > 0
      ? finishedSlices..<max(finishedSlices, geometry.slices(ofLayer: layer - 1).upperBound) : 0..<0
    self.layer = layer
    begunLines = 0
    finishedLines = 0
    sums.begin(layer: layer)
    try writeBackground(before: origin.z + finishedSlices)
    let count = geometry.finishedSlices(afterLayers: layer + 1) - finishedSlices
    // Where every voxel will be set, there is nothing to clear.
    guard !isWholeOutputSet else { return }
    for output in outputs { output.clear(count) }
  }

  /// Finishes the lines that no later row of the layer touches.
  private func closeRow() throws {
    let end = min(geometry.finishedRows(afterGridRows: row + 1), begunLines)
    let lines = finishedLines..<max(finishedLines, end)
    finishedLines = lines.upperBound
    guard !lines.isEmpty else { return }
    let finished = finishedSlices..<geometry.finishedSlices(afterLayers: layer + 1)
    let own = sums.slices
    for slice in own where slice >= finished.upperBound {
      try sums.store(lines: lines, ofSlice: slice, to: carry)
    }
    let ready = own.clamped(to: finished)
    for output in outputs { output.willSet(ready.count) }
    let (planes, width) = (sums.planes, plan.outputGrid.extent.width)
    let isCovered = plan.outputGrid.axes.y.counts
    sums.forEach(lines: lines, ofSlices: ready) { slice, part, values, stride in
      // Lines between the rows of the grid have no patch, and stay background.
      for run in isCovered.runs(in: part) {
        let lines = FinishedLines(
          count: run.count, width: width, stride: stride,
          hasWeights: self.plan.shares.needsSums && self.plan.votes == nil,
          differing: planes - 1)
        let skipped = (run.lowerBound - part.lowerBound) * width
        let end = (planes - 1) * stride + skipped + run.count * width
        for output in self.outputs {
          output.set(
            lines, sums: values.extracting(skipped..<end), slice: slice - finished.lowerBound,
            at: (x: self.origin.x, y: self.origin.y + run.lowerBound))
        }
      }
    }
  }

  /// Writes the slices that no later layer touches.
  private func closeLayer() throws {
    let end = geometry.finishedSlices(afterLayers: layer + 1)
    let slices = origin.z + finishedSlices..<origin.z + end
    for output in outputs { try output.write(slices) }
    writtenSlices = slices.upperBound
    finishedSlices = end
    // After the last layer the result itself is written.
    if layer + 1 < plan.outputGrid.counts.z {
      try state?.save(layers: layer + 1, predicted: addedPatches, carry)
    }
  }

  /// Writes slices outside the predicted box.
  private func writeBackground(before end: Int) throws {
    while writtenSlices < end {
      let slices = writtenSlices..<min(end, writtenSlices + plan.memory.outputSlices)
      for output in outputs {
        output.clear(slices.count)
        try output.write(slices)
      }
      writtenSlices = slices.upperBound
    }
  }
}

extension [Int] {
  /// The parts of a range in which all numbers are more than 0.
  fileprivate func runs(in range: Range<Int>) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for index in range where self[index] > 0 {
      if let last = runs.last, last.upperBound == index {
        runs[runs.count - 1] = last.lowerBound..<index + 1
      } else {
        runs.append(index..<index + 1)
      }
    }
    return runs
  }
}

extension PredictionMerger {
  /// Whether all values are finite; infinity times a weight of 0, or infinity minus infinity, would be NaN.
  private func isFinite(_ values: UnsafeBufferPointer<Float>) -> Bool {
    let run = 1 << 16
    let source = SharedFloats(values)
    let count = values.count
    let found = Atomic(false)
    jobs.forEach((count + run - 1) / run) { part in
      let part = UnsafeBufferPointer(
        rebasing: source.buffer[part * run..<min(count, (part + 1) * run)])
      if !part.span.isFinite { found.store(true, ordering: .relaxed) }
    }
    return !found.load(ordering: .relaxed)
  }
}

extension Span<Float> {
  /// Whether all values are finite. Does not stop at the first that is not, so that the loop is vectorized.
  fileprivate var isFinite: Bool {
    var found: UInt32 = 0
    for index in 0..<count { found |= self[index] - self[index] == 0 ? 0 : 1 }
    return found == 0
  }
}
