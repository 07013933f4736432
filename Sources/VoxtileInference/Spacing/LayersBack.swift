import Voxtile

/// Layers of a resampled scan, which become slices of the scan line by line, as soon as sums are final.
///
/// So only what is written is kept until its slice is complete, and not the values of all channels.
final class LayersBack: FinishedLayers {
  let kinds: Set<PredictionKind>
  /// A line of the scan may lie between lines of two rows of the grid, or of two layers.
  let linesBefore = 1
  private let layout: PredictionLayout
  private let way: WayBack
  private let outputSlices: Int
  /// What is made of merged values, and what of the nearest voxel.
  private let values: TilesBack
  private let nearest: TilesBack
  private let outputs: [FinishedSlices]
  private let jobs: Jobs
  /// The slices of the scan that are wanted.
  private let wanted: Range<Int>
  /// The slices of the scan that are written.
  private var writtenSlices: Int
  /// For each slice of the scan's box the planes that it is made from, and for each line the lines.
  private let planes: [ClosedRange<Int>]
  private let lines: [ClosedRange<Int>]
  /// The slices that the layer finishes, and the lines of them that are set, counted in the box of the scan.
  private var newSlices = 0..<0
  private var newLines = 0

  /// - Parameters:
  ///   - layout: how predictions become what is written.
  ///   - way: how it comes back.
  ///   - memory: what is held, and where.
  ///   - slices: the slices of the scan that are wanted; `nil` for all.
  ///   - writers: where each kind of output goes.
  init(
    _ layout: PredictionLayout, over way: WayBack, memory: InferenceMemory, slices: Range<Int>?,
    to writers: [PredictionKind: any VolumeWriter], jobs: Jobs
  ) throws(VoxtileError) {
    kinds = Set(writers.keys)
    (self.layout, self.way, self.jobs) = (layout, way, jobs)
    outputSlices = memory.outputSlices
    wanted = slices ?? 0..<way.extent.depth
    writtenSlices = wanted.lowerBound
    func outputs(_ isWanted: (PredictionKind) -> Bool) throws(VoxtileError) -> [FinishedSlices] {
      try layout.outputs(
        writers.filter { isWanted($0.key) }, slices: memory.outputSlices,
        residentBytes: memory.residentOutputBytes)
    }
    values = TilesBack(
      way, way.back, channels: layout.channels, outputs: try outputs { $0 != .disagreement })
    nearest = TilesBack(way, way.nearest, channels: 1, outputs: try outputs { $0 == .disagreement })
    self.outputs = values.outputs + nearest.outputs
    (planes, lines) = (way.neededPlanes, way.neededLines)
  }

  func resume(
    after slices: Int, from state: PredictionState, to writers: [PredictionKind: any VolumeWriter]
  ) throws {
    newSlices = 0..<newSlices(before: slices)
    // What comes before the box is written with its first slice.
    if !newSlices.isEmpty { writtenSlices = way.box.z.lowerBound + newSlices.upperBound }
    for (kind, writer) in writers {
      try state.replay(kind, layout.info(of: kind), slices: writtenSlices, to: writer)
    }
  }

  /// Slices that are not wanted are passed over anyway.
  func begin(after slices: Int) {}

  /// The slices of the box, from the first on, that are made from the first so many planes.
  private func newSlices(before end: Int) -> Int { planes.partitioningIndex { $0.upperBound >= end } }

  func begin(_ slices: Range<Int>) throws {
    let inside = way.newPlanes(ofSlices: wanted)
    let first = max(newSlices.upperBound, inside.lowerBound)
    newSlices = first..<max(first, min(newSlices(before: slices.upperBound), inside.upperBound))
    newLines = 0
    if newSlices.isEmpty { return }
    try writeBackground(before: min(way.box.z.lowerBound + first, wanted.upperBound))
    // Where every voxel will be set, there is nothing to clear.
    if way.box != Region(way.extent) { outputs.forEach { $0.clear(newSlices.count) } }
  }

  func take(_ lines: Range<Int>, ofSlices slices: Range<Int>, from sums: GridRowSums) {
    sums.divide(lines: lines, ofSlices: slices, by: layout.decision)
    let first = newLines
    while newLines < way.box.extent.height, self.lines[newLines].upperBound < lines.upperBound {
      newLines += 1
    }
    let finished = first..<newLines
    if finished.isEmpty || newSlices.isEmpty { return }
    outputs.forEach { $0.willSet(newSlices.count) }
    let (values, nearest, differing) = (values, nearest, sums.planes - 1)
    let all = newSlices
    for start in stride(from: all.lowerBound, to: all.upperBound, by: jobs.count) {
      let some = start..<min(all.upperBound, start + jobs.count)
      let needed = planes[some.lowerBound].lowerBound..<planes[some.upperBound - 1].upperBound + 1
      sums.lend(needed) { sums in
        jobs.forEach(some.count) { number in
          let slice = some.lowerBound + number
          if !values.outputs.isEmpty {
            values.set(slice, in: slice - all.lowerBound, lines: finished, from: sums.values.buffer.span) {
              sums.place($1, plane: $0, line: $2)
            }
          }
          if !nearest.outputs.isEmpty {
            nearest.set(slice, in: slice - all.lowerBound, lines: finished, from: sums.values.buffer.span) {
              sums.place($1, plane: differing, line: $2)
            }
          }
        }
      }
    }
  }

  func end(_ slices: Range<Int>) throws {
    if newSlices.isEmpty { return }
    let start = way.box.z.lowerBound
    let written = start + newSlices.lowerBound..<start + newSlices.upperBound
    for output in outputs { try output.write(written) }
    writtenSlices = written.upperBound
  }

  func endGrid() throws {}

  func finish() throws {
    try writeBackground(before: wanted.upperBound)
    for output in outputs { try output.finish() }
  }

  /// Writes slices outside of the box.
  private func writeBackground(before end: Int) throws {
    try outputs.writeBackground(from: &writtenSlices, before: end, atATime: outputSlices)
  }
}
