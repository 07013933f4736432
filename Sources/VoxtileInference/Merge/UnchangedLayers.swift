import Voxtile

/// Layers whose slices are those of what is written.
final class UnchangedLayers: FinishedLayers {
  let kinds: Set<PredictionKind>
  let linesBefore = 0
  private let layout: PredictionLayout
  private let outputSlices: Int
  private let outputs: [FinishedSlices]
  /// Whether the predicted box is the whole output, and some patch holds each of its voxels.
  private let isWholeOutputSet: Bool
  /// The slices of the output that are written.
  private var writtenSlices = 0
  /// The first slice of the grid that the layer finishes.
  private var first = 0

  /// - Parameters:
  ///   - layout: how predictions become what is written.
  ///   - memory: what is held, and where.
  ///   - writers: where each kind of output goes.
  init(
    _ layout: PredictionLayout, memory: InferenceMemory, to writers: [PredictionKind: any VolumeWriter]
  ) throws(VoxtileError) {
    self.layout = layout
    kinds = Set(writers.keys)
    outputSlices = memory.outputSlices
    outputs = try layout.outputs(
      writers, slices: memory.outputSlices, residentBytes: memory.residentOutputBytes)
    isWholeOutputSet = layout.isWholeOutputSet
  }

  func resume(
    after slices: Int, from state: PredictionState, to writers: [PredictionKind: any VolumeWriter]
  ) throws {
    begin(after: slices)
    for (kind, writer) in writers {
      try state.replay(kind, layout.info(of: kind), slices: writtenSlices, to: writer)
    }
  }

  func begin(after slices: Int) { writtenSlices = layout.origin.z + slices }

  func begin(_ slices: Range<Int>) throws {
    first = slices.lowerBound
    try writeBackground(before: layout.origin.z + first)
    // Where every voxel will be set, there is nothing to clear.
    if !isWholeOutputSet { outputs.forEach { $0.clear(slices.count) } }
  }

  func take(_ lines: Range<Int>, ofSlices slices: Range<Int>, from sums: GridRowSums) {
    for output in outputs { output.willSet(slices.count) }
    let width = layout.grid.extent.width
    let isCovered = layout.grid.axes.y.counts
    let (first, origin, outputs) = (first, layout.origin, outputs)
    let hasWeights = layout.shares.needsSums && layout.votes == nil
    sums.forEach(lines: lines, ofSlices: slices) { slice, part, values, stride in
      // Lines between the rows of the grid have no patch, and stay background.
      for run in isCovered.runs(in: part) {
        let lines = FinishedLines(
          count: run.count, width: width, stride: stride, hasWeights: hasWeights, differing: sums.planes - 1)
        let skipped = (run.lowerBound - part.lowerBound) * width
        let end = (sums.planes - 1) * stride + skipped + run.count * width
        for output in outputs {
          output.set(
            lines, sums: values.extracting(skipped..<end), slice: slice - first,
            at: (x: origin.x, y: origin.y + run.lowerBound))
        }
      }
    }
  }

  func end(_ slices: Range<Int>) throws {
    let end = layout.origin.z + slices.upperBound
    for output in outputs { try output.write(layout.origin.z + slices.lowerBound..<end) }
    writtenSlices = end
  }

  func endGrid() throws { try writeBackground(before: layout.extent.depth) }

  func finish() throws {
    for output in outputs { try output.finish() }
  }

  /// Writes slices outside the predicted box.
  private func writeBackground(before end: Int) throws {
    try outputs.writeBackground(from: &writtenSlices, before: end, atATime: outputSlices)
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
