import Voxtile

/// Adds predictions to the sums and hands on every line as soon as it is final.
///
/// Patches come in the order of the grid; a row of the grid is closed when the first patch after it comes, a layer when
/// its last row is closed.
///
/// Unchecked, because one worker calls it, one call after another.
final class PredictionMerger: @unchecked Sendable {
  private let layout: PredictionLayout
  private let grid: PatchGrid
  private let geometry: MergeSchedule
  private let jobs: Jobs
  private let sums: GridRowSums
  private let carry: LayerHandover
  private let finished: any FinishedLayers

  /// What a stopped run is gone on from, if it is kept.
  private let state: PredictionState?
  private var pace: SavingPace
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
  /// The slices of the grid that are finished.
  private var finishedSlices = 0

  /// - Parameters:
  ///   - layout: how predictions become an image.
  ///   - memory: what is held, and where.
  ///   - isComparing: whether the labels that single patches give are compared.
  ///   - writers: where each kind of output goes.
  ///   - slices: the slices of what is written that are wanted, where it is resampled; `nil` for all.
  ///   - state: what a stopped run is gone on from, if it is kept.
  init(
    _ layout: PredictionLayout, memory: InferenceMemory, comparing isComparing: Bool, jobs: Jobs,
    writers: [PredictionKind: any VolumeWriter], slices: Range<Int>? = nil, state: (any JobState)? = nil
  ) throws {
    self.layout = layout
    self.jobs = jobs
    grid = layout.grid
    geometry = MergeSchedule(layout.grid)
    let unrecorded = try layout.writersBack(writers, slices: slices, jobs: jobs)
    let kept = try state.map { try PredictionState($0, layers: layout.grid.counts.z) }
    self.state = kept
    finished = try layout.finishedLayers(
      memory: memory,
      to: kept.map { kept in
        Dictionary(uniqueKeysWithValues: unrecorded.map { ($0, kept.recording($0, $1)) })
      } ?? unrecorded,
      slices: slices, jobs: jobs)
    sums = try GridRowSums(
      geometry, channels: layout.channels, shares: layout.shares,
      winners: isComparing && layout.votes == nil ? layout.decision : nil, votes: layout.votes,
      half: layout.half, linesBefore: finished.linesBefore, residentBytes: memory.residentRowBytes, jobs: jobs
    )
    carry = try LayerHandover(
      geometry, planes: sums.planes, slicesBefore: finished.linesBefore, inMemory: memory.carriesInMemory)
    pace = SavingPace(bytes: carry.byteCount)
    if let kept, kept.layers > 0 { try resume(kept, unrecorded) }
  }

  /// The patches that a stopped run has predicted, and how many layers it has finished.
  var resumed: (layers: Int, patches: Int) { (state?.layers ?? 0, state?.predicted ?? 0) }

  /// Goes on after the layers that a stopped run has finished.
  private func resume(_ state: PredictionState, _ writers: [PredictionKind: any VolumeWriter]) throws {
    layer = state.layers - 1
    addedPatches = state.predicted
    finishedSlices = geometry.finishedSlices(afterLayers: state.layers)
    try finished.resume(after: finishedSlices, from: state, to: writers)
    try state.load(into: carry)
  }

  /// Adds what was predicted of one patch; patches come in the order of the grid.
  ///
  /// - Parameter values: of shape `(channels, depth, height, width)`, of the patch's full size.
  /// - Throws: as ``PredictionLayout/check(_:of:jobs:)``, and what writing throws.
  func add(_ values: Span<Float>, at patch: Patch) throws {
    // Where each value is added as it is, the addition finds those that are not finite, which saves reading all once more.
    let isEachAdded = layout.half == nil && layout.votes == nil && patch.valid == patch.region
    if !isEachAdded { try layout.check(values, of: patch, jobs: jobs) }
    try open(layer: patch.gridPosition.z, row: patch.gridPosition.y)
    addedPatches += 1
    let isFinite = values.withUnsafeBufferPointer { sums.add($0, at: patch) }
    if isEachAdded && !isFinite { try layout.check(values, of: patch, jobs: jobs) }
  }

  /// Begins with a layer, before patches were added. What slices that earlier ones also touch get is not what they should get: such
  /// slices are not wanted.
  func begin(atLayer first: Int) {
    if first == 0 { return }
    firstLayer = first
    layer = first - 1
    finishedSlices = geometry.finishedSlices(afterLayers: first)
    finished.begin(after: finishedSlices)
  }

  /// Writes what is left after the last patch of a layer; slices after the grid with the last layer.
  func finish(afterLayer last: Int) throws {
    try open(layer: last, row: grid.counts.y - 1)
    try closeRow()
    try closeLayer()
    if last == grid.counts.z - 1 { try finished.endGrid() }
  }

  /// Completes what is written.
  func finishWriters() throws { try finished.finish() }

  /// Writes what is left, and completes it.
  func finish() throws {
    try finish(afterLayer: grid.counts.z - 1)
    try finishWriters()
  }

  /// Closes rows until one is open.
  private func open(layer: Int, row: Int) throws {
    while (self.layer, self.row) < (layer, row) {
      if self.row >= 0 { try closeRow() }
      if self.row < 0 || self.row + 1 == grid.counts.y {
        if self.row >= 0 { try closeLayer() }
        try beginLayer(self.layer + 1)
        self.row = 0
      } else {
        self.row += 1
      }
      let lines = geometry.rows(ofGridRow: self.row)
      if lines.upperBound > begunLines {
        try sums.begin(
          lines: max(begunLines, lines.lowerBound)..<lines.upperBound, layer: self.layer, carried: carried,
          from: carry)
        begunLines = lines.upperBound
      }
    }
  }

  private func beginLayer(_ layer: Int) throws {
    let first = max(0, finishedSlices - finished.linesBefore)
    carried =
      layer > firstLayer
      ? first..<max(finishedSlices, geometry.slices(ofLayer: layer - 1).upperBound) : 0..<0
    self.layer = layer
    begunLines = 0
    finishedLines = 0
    sums.begin(layer: layer)
    try finished.begin(finishedSlices..<geometry.finishedSlices(afterLayers: layer + 1))
  }

  /// Finishes the lines that no later row of the layer touches.
  private func closeRow() throws {
    sums.completeLines()
    let end = min(geometry.finishedRows(afterGridRows: row + 1), begunLines)
    let lines = finishedLines..<max(finishedLines, end)
    finishedLines = lines.upperBound
    guard !lines.isEmpty else { return }
    let ready = finishedSlices..<geometry.finishedSlices(afterLayers: layer + 1)
    let own = sums.slices.clamped(to: ready)
    try sums.settle(lines: lines, ofSlices: own)
    finished.take(lines, ofSlices: own, from: sums)
    for slice in sums.slices where slice >= ready.upperBound - finished.linesBefore {
      try sums.store(lines: lines, ofSlice: slice, to: carry)
    }
  }

  /// Writes the slices that no later layer touches.
  private func closeLayer() throws {
    let end = geometry.finishedSlices(afterLayers: layer + 1)
    try finished.end(finishedSlices..<end)
    finishedSlices = end
    // After the last layer the result itself is written.
    if layer + 1 < grid.counts.z {
      if let state {
        try pace.save {
          try state.save(layers: layer + 1, predicted: addedPatches, carry, keeping: finished.kinds)
        }
      }
    }
  }
}
