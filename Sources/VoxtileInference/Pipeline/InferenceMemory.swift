import Voxtile

/// Which parts of a prediction are in memory, and which are in scratch files.
struct InferenceMemory: Hashable, Sendable {
  /// Whether the voxels of the scan are held in memory.
  var holdsScan: Bool
  /// What is cut at a time.
  var step: CropStep
  /// How much of the sums of one row of the grid may be in memory.
  var residentRowBytes = Int.max
  /// Whether what a layer hands on to the next one is in memory.
  var carriesInMemory = true
  /// The most slices that are finished before they are written.
  var outputSlices: Int
  /// How much of the finished slices of one kind may be in memory.
  var residentOutputBytes = Int.max
}

/// The sizes, in bytes, that decide how a prediction keeps within its memory.
struct InferenceSizes {
  /// The grid.
  let grid: PatchGrid
  /// The scan.
  let source: ScanSource
  /// One batch, as the model sees it and as it answers.
  let batch: Int
  /// The copies that are made of one batch on its way.
  let copies: Int
  /// What merging holds.
  let merging: MergeSizes
  /// What the writers of the results hold themselves.
  var writers = 0
}

/// The sizes, in bytes, that decide how predictions are merged within some memory.
struct MergeSizes {
  /// The sums of one row of the grid, and of one slice of it.
  let row: Int
  let rowSlice: Int
  /// What one layer hands on to the next one.
  let carry: Int
  /// The slices that one layer finishes, of all that is written, and how many.
  let output: Int
  let outputSlices: Int
  /// How many kinds of output are finished.
  let kinds: Int
  /// What bringing them back to the voxels of a scan that was resampled takes.
  var wayBack = 0
}

extension MergeSizes {
  /// Nothing is merged.
  static let none = MergeSizes(row: 0, rowSlice: 0, carry: 0, output: 0, outputSlices: 1, kinds: 0)

  /// The sizes of merging a layout, given what is written.
  init(_ layout: PredictionLayout, kinds: Set<PredictionKind>, jobs: Jobs) {
    guard let way = layout.wayBack else {
      self.init(layout, kinds: kinds, linesBefore: 0)
      return
    }
    if layout.comesBackInLines(kinds) {
      self.init(layout, kinds: kinds, linesBefore: 1)
      wayBack = jobs.count * TilesBack.byteCount(channels: layout.channels)
      return
    }
    self.init(layout.ofResampledScan, kinds: layout.resampledKinds(kinds), linesBefore: 0)
    wayBack = PlanesBack.byteCount(
      way, channels: layout.channels,
      outputChannels: kinds.reduce(0) { $0 + $1.channels(of: layout.channels) }, jobs: jobs)
  }

  private init(_ layout: PredictionLayout, kinds: Set<PredictionKind>, linesBefore: Int) {
    let geometry = MergeSchedule(layout.grid)
    let planes = GridRowSums.planes(
      channels: layout.channels, shares: layout.shares, tracksWinners: kinds.contains(.disagreement),
      votes: layout.votes, half: layout.half)
    row = geometry.rowBytes(planes: planes, linesBefore: linesBefore)
    rowSlice = row / geometry.deepestLayer
    carry = geometry.carryBytes(planes: planes, slicesBefore: linesBefore)
    outputSlices = max(1, layout.wayBack?.maxNewSlices(geometry) ?? geometry.maxFinishedSlices)
    let valueCount = kinds.reduce(0) { $0 + $1.channels(of: layout.channels) }
    output = outputSlices * layout.extent.width * layout.extent.height * 4 * valueCount
    self.kinds = kinds.count
  }
}

extension InferenceMemory {
  /// The program, its libraries and stacks.
  static let programBytes = 96 << 20
  /// The least that may be in memory of what is in a scratch file.
  static let minResidentBytes = 64 << 20

  /// Plans a prediction.
  ///
  /// - Returns: what is held, the most memory that it needs, and what goes to scratch files.
  /// - Throws: `VoxtileError.Code.memoryTooLow` where the limit is too low.
  static func plan(
    _ sizes: InferenceSizes, limit: Int?
  ) throws(VoxtileError) -> (memory: InferenceMemory, peak: Int, scratch: Int) {
    // While a batch is predicted, the next one is cut and the last one is merged.
    let buffers = sizes.source.bufferByteCount + sizes.writers
    let fixed = programBytes + 2 * sizes.batch + sizes.copies + buffers
    var best: (memory: InferenceMemory, peak: Int, scratch: Int)?
    for (scan, scanBytes, scanScratch) in scans(sizes) {
      for (sums, sumBytes, sumScratch) in merges(sizes.merging) {
        var memory = sums
        (memory.holdsScan, memory.step) = (scan.holdsScan, scan.step)
        let peak = fixed + scanBytes + sumBytes
        let found = (memory, peak, scanScratch + sumScratch)
        if peak <= limit ?? .max { return found }
        if peak < best?.peak ?? .max { best = found }
      }
    }
    throw .memoryTooLow(
      limit ?? 0, needed: best?.peak ?? 0, advice: "raise the limit, or use smaller patches or batches")
  }

  /// Plans to merge predictions that are kept.
  ///
  /// - Parameters:
  ///   - patchBytes: one patch, as it was predicted.
  ///   - writers: what the writers of the results hold themselves.
  /// - Throws: `VoxtileError.Code.memoryTooLow` where the limit is too low.
  static func plan(
    merging sizes: MergeSizes, patchBytes: Int, writers: Int, limit: Int?
  ) throws(VoxtileError) -> (memory: InferenceMemory, peak: Int, scratch: Int) {
    // One patch is added, the next one is read, and decoded from what is stored of it.
    let fixed = programBytes + 3 * patchBytes + writers
    let ways = merges(sizes).map { (memory: $0.memory, peak: fixed + $0.bytes, scratch: $0.scratch) }
    if let way = ways.first(where: { $0.peak <= limit ?? .max }) { return way }
    throw .memoryTooLow(
      limit ?? 0, needed: ways.map(\.peak).min() ?? 0, advice: "raise the limit, or use smaller patches")
  }

  /// The ways to have the scan at hand, the quickest first: memory and scratch that they take.
  private static func scans(
    _ sizes: InferenceSizes
  ) -> [(scan: (holdsScan: Bool, step: CropStep), memory: Int, scratch: Int)] {
    func window(_ step: CropStep) -> Int {
      // What the patches at hand need, what is read for the next ones, and that as it is stored.
      3 * CropWindow<Float>(grid: sizes.grid, step: step).largestVoxelCount * sizes.source.channels * 4
    }
    let stored = sizes.source.byteCount
    let spooled = sizes.source.isRandomAccess ? 0 : stored
    let (layers, rows, patches) = (window(.layer), window(.row), window(.patch))
    // A scan that is read once has to be held for nothing but its statistics.
    let whole = [((true, CropStep.row), stored + rows, 0)]
    let slabs = [((false, CropStep.layer), layers, 0)]
    let boxes = [((false, CropStep.row), rows, spooled), ((false, CropStep.patch), patches, spooled)]
    return (stored + rows <= layers ? whole + slabs : slabs) + boxes
  }

  /// The ways to have the sums at hand, the quickest first: memory and scratch that they take.
  private static func merges(
    _ sizes: MergeSizes
  ) -> [(memory: InferenceMemory, bytes: Int, scratch: Int)] {
    let all = InferenceMemory(holdsScan: false, step: .layer, outputSlices: sizes.outputSlices)
    let held = sizes.wayBack
    var carried = all
    carried.carriesInMemory = false
    var written = carried
    written.residentOutputBytes = max(minResidentBytes, 2 * sizes.output / max(1, sizes.outputSlices))
    let output = min(sizes.output, sizes.kinds * written.residentOutputBytes)
    var summed = written
    summed.residentRowBytes = max(4 * minResidentBytes, 8 * sizes.rowSlice)
    let row = min(sizes.row, summed.residentRowBytes)
    return [
      (all, held + sizes.row + sizes.carry + sizes.output, 0),
      (carried, held + sizes.row + sizes.output, sizes.carry),
      (written, held + sizes.row + output, sizes.carry + (output < sizes.output ? sizes.output : 0)),
      (
        summed, held + row + output,
        sizes.carry + (output < sizes.output ? sizes.output : 0) + (row < sizes.row ? sizes.row : 0)
      ),
    ]
  }
}
