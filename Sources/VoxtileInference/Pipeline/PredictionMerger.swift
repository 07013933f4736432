import Voxtile

/// Adds predictions to the sums and writes every slice as soon as it is finished.
///
/// Patches come in the order of the grid; a row of the grid is closed when the first patch after it comes, a layer when
/// its last row is closed.
///
/// Unchecked, because one worker calls it, one call after another.
final class PredictionMerger: @unchecked Sendable {
  private let layout: PredictionLayout
  private let memory: InferenceMemory
  private let geometry: MergeSchedule
  private let sums: GridRowSums
  private let carry: LayerHandover
  private let outputs: [FinishedSlices]
  private let jobs: Jobs
  /// Whether the predicted box is the whole output, and some patch holds each of its voxels.
  private let isWholeOutputSet: Bool

  /// What a stopped run is gone on from, if it is kept.
  private let state: PredictionState?
  /// The patches that were added, also by a stopped run.
  private var addedPatches = 0

  /// The row that is being added to.
  private var layer = -1
  /// The layer that comes first: what earlier ones hold is not wanted.
  private var firstLayer = 0
  private var row = -1
  /// The lines of the layer that have been begun, and those that have been finished.
  private var begunLines = 0
  private var finishedLines = 0
  /// The slices that the layer before handed on.
  private var carried = 0..<0
  /// The slices of the box that are finished, and those of the output that are written.
  private var finishedSlices = 0
  private var writtenSlices = 0

  /// - Parameters:
  ///   - memory: what is held, and where.
  ///   - isComparing: whether the labels that single patches give are compared.
  ///   - writers: where each kind of output goes.
  ///   - state: what a stopped run is gone on from, if it is kept.
  init(
    _ layout: PredictionLayout, memory: InferenceMemory, comparing isComparing: Bool, jobs: Jobs,
    writers: [PredictionKind: any VolumeWriter], state: PredictionState? = nil
  ) throws {
    self.layout = layout
    self.memory = memory
    self.state = state
    self.jobs = jobs
    geometry = MergeSchedule(layout.grid)
    let finisher = layout.decision
    sums = try GridRowSums(
      geometry, channels: layout.channels, shares: layout.shares,
      winners: isComparing && layout.votes == nil ? finisher : nil, votes: layout.votes,
      residentBytes: memory.residentRowBytes, jobs: jobs)
    carry = try LayerHandover(geometry, planes: sums.planes, inMemory: memory.carriesInMemory)
    outputs = try writers.sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, writer in
      try FinishedSlices(
        kind, layout: layout, finisher: finisher, slices: memory.outputSlices,
        residentBytes: memory.residentOutputBytes, writer: state?.recording(kind, writer) ?? writer)
    }
    isWholeOutputSet = layout.isWholeOutputSet
    if let state, state.layers > 0 { try resume(state, writers) }
  }

  /// Goes on after the layers that a stopped run has finished.
  private func resume(_ state: PredictionState, _ writers: [PredictionKind: any VolumeWriter]) throws {
    layer = state.layers - 1
    addedPatches = state.predicted
    finishedSlices = geometry.finishedSlices(afterLayers: state.layers)
    writtenSlices = layout.origin.z + finishedSlices
    for (kind, writer) in writers {
      try state.replay(kind, layout.info(of: kind), slices: writtenSlices, to: writer)
    }
    try state.load(into: carry)
  }

  /// Adds what was predicted of one patch; patches come in the order of the grid.
  ///
  /// - Parameter values: of shape `(channels, depth, height, width)`, of the patch's full size.
  /// - Throws: what writing throws.
  func add(_ values: Span<Float>, at patch: Patch) throws {
    try open(layer: patch.gridPosition.z, row: patch.gridPosition.y)
    addedPatches += 1
    values.withUnsafeBufferPointer { sums.add($0, at: patch) }
  }

  /// Begins with a layer, before patches were added. What slices that earlier ones also touch get is not what they should get: such
  /// slices are not wanted.
  func begin(atLayer first: Int) {
    if first == 0 { return }
    firstLayer = first
    layer = first - 1
    finishedSlices = geometry.finishedSlices(afterLayers: first)
    writtenSlices = layout.origin.z + finishedSlices
  }

  /// Writes what is left after the last patch of a layer; slices after the grid with the last layer.
  func finish(afterLayer last: Int) throws {
    let counts = layout.grid.counts
    try open(layer: last, row: counts.y - 1)
    try closeRow()
    try closeLayer()
    if last == counts.z - 1 { try writeBackground(before: layout.extent.depth) }
  }

  /// Completes what is written.
  func finishWriters() throws {
    for output in outputs { try output.finish() }
  }

  /// Writes what is left, and completes it.
  func finish() throws {
    try finish(afterLayer: layout.grid.counts.z - 1)
    try finishWriters()
  }

  /// Closes rows until one is open.
  private func open(layer: Int, row: Int) throws {
    while (self.layer, self.row) < (layer, row) {
      if self.row >= 0 { try closeRow() }
      if self.row < 0 || self.row + 1 == layout.grid.counts.y {
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
      layer > firstLayer
      ? finishedSlices..<max(finishedSlices, geometry.slices(ofLayer: layer - 1).upperBound) : 0..<0
    self.layer = layer
    begunLines = 0
    finishedLines = 0
    sums.begin(layer: layer)
    try writeBackground(before: layout.origin.z + finishedSlices)
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
    let (planes, width) = (sums.planes, layout.grid.extent.width)
    let isCovered = layout.grid.axes.y.counts
    sums.forEach(lines: lines, ofSlices: ready) { slice, part, values, stride in
      // Lines between the rows of the grid have no patch, and stay background.
      for run in isCovered.runs(in: part) {
        let lines = FinishedLines(
          count: run.count, width: width, stride: stride,
          hasWeights: self.layout.shares.needsSums && self.layout.votes == nil,
          differing: planes - 1)
        let skipped = (run.lowerBound - part.lowerBound) * width
        let end = (planes - 1) * stride + skipped + run.count * width
        for output in self.outputs {
          output.set(
            lines, sums: values.extracting(skipped..<end), slice: slice - finished.lowerBound,
            at: (x: self.layout.origin.x, y: self.layout.origin.y + run.lowerBound))
        }
      }
    }
  }

  /// Writes the slices that no later layer touches.
  private func closeLayer() throws {
    let end = geometry.finishedSlices(afterLayers: layer + 1)
    let slices = layout.origin.z + finishedSlices..<layout.origin.z + end
    for output in outputs { try output.write(slices) }
    writtenSlices = slices.upperBound
    finishedSlices = end
    // After the last layer the result itself is written.
    if layer + 1 < layout.grid.counts.z {
      try state?.save(layers: layer + 1, predicted: addedPatches, carry)
    }
  }

  /// Writes slices outside the predicted box.
  private func writeBackground(before end: Int) throws {
    while writtenSlices < end {
      let slices = writtenSlices..<min(end, writtenSlices + memory.outputSlices)
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
