import Voxtile

/// The slices of one kind of output that one layer of patches finishes; background where nothing was predicted.
final class FinishedSlices: Sendable {
  private let kind: PredictionKind
  private let extent: Extent
  private let scalarType: ScalarType
  private let finisher: VoxelDecision
  private let memory: ScratchMemory
  private let writer: any VolumeWriter

  /// Values for each voxel.
  private var channels: Int { kind.channels(of: finisher.channels) }
  private var sliceCount: Int { channels * extent.width * extent.height }
  private var sliceBytes: Int { sliceCount * scalarType.byteCount }

  /// Makes room for a number of slices.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where there is none.
  init(
    _ kind: PredictionKind, layout: PredictionLayout, finisher: VoxelDecision, slices: Int,
    residentBytes: Int,
    writer: any VolumeWriter
  ) throws(VoxtileError) {
    self.kind = kind
    self.finisher = finisher
    self.writer = writer
    extent = layout.extent
    scalarType = layout.scalarType(of: kind)
    let info = layout.info(of: kind)
    let slice = Region(x: 0..<extent.width, y: 0..<extent.height, z: 0..<1)
    memory = try ScratchMemory(byteCount: slices * info.byteCount(of: slice), residentBytes: residentBytes)
  }

  /// Makes the first slices background again.
  func clear(_ count: Int) {
    let area = extent.width * extent.height
    for slice in 0..<count {
      memory.willTouch(sliceBytes)
      for channel in 0..<channels {
        let plane = slice * sliceCount + channel * area..<slice * sliceCount + (channel + 1) * area
        let label = kind == .labels ? finisher.background : 0
        // Concrete types: filling through a generic one takes a call for each value.
        switch scalarType {
        case .uint8: memory.values(of: UInt8.self)[plane].update(repeating: UInt8(truncatingIfNeeded: label))
        case .uint16:
          memory.values(of: UInt16.self)[plane].update(repeating: UInt16(truncatingIfNeeded: label))
        case .int16: memory.values(of: Int16.self)[plane].update(repeating: Int16(truncatingIfNeeded: label))
        case .int32: memory.values(of: Int32.self)[plane].update(repeating: label)
        default:
          memory.values(of: Float.self)[plane].update(repeating: finisher.empty(channel, kind: kind))
        }
      }
    }
  }

  /// Sets finished lines of one slice; called for different slices from several threads.
  ///
  /// - Parameters:
  ///   - sums: the sums of the lines, plane after plane.
  ///   - stride: from one plane to the next.
  ///   - slice: the slice, counted from the first one held.
  ///   - origin: where the first of the lines lies in the output.
  func set(_ lines: FinishedLines, sums: Span<Float>, slice: Int, at origin: (x: Int, y: Int)) {
    let width = lines.width
    // A few lines at a time, so that they stay in the nearest cache.
    let step = max(1, VoxelDecision.chunk / width)
    for first in Swift.stride(from: 0, to: lines.count, by: step) {
      let some = first..<min(lines.count, first + step)
      let run = some.lowerBound * width..<some.upperBound * width
      let weights = lines.weights(of: run, sums: sums, channels: finisher.channels)
      switch kind {
      case .labels:
        let found = finisher.label(sums, weights: weights, stride: lines.stride, run: run)
        put(found, some, slice: slice, at: origin, width: width)
      case .disagreement:
        let plane = lines.differing * lines.stride
        let found =
          finisher.votes.map { finisher.votesDiffer(sums, votes: $0, stride: lines.stride, run: run) }
          ?? run.map { Int32(sums[plane + $0]) }
        put(found, some, slice: slice, at: origin, width: width)
      case .probabilities, .logits, .confidence:
        let found =
          kind == .confidence
          ? finisher.confidence(sums, weights: weights, stride: lines.stride, run: run)
          : finisher.values(sums, weights: weights, stride: lines.stride, run: run, kind: kind)
        for channel in 0..<channels {
          let values = memory.values(of: Float.self)
          for line in some {
            let target = place(slice, channel: channel, line: origin.y + line) + origin.x
            let source = channel * run.count + (line - some.lowerBound) * width
            _ = values[target..<target + width].update(fromContentsOf: found[source..<source + width])
          }
        }
      }
    }
  }

  private func place(_ slice: Int, channel: Int, line: Int) -> Int {
    slice * sliceCount + (channel * extent.height + line) * extent.width
  }

  private func put(
    _ labels: [Int32], _ lines: Range<Int>, slice: Int, at origin: (x: Int, y: Int), width: Int
  ) {
    func put<Label: VoxelScalar & FixedWidthInteger>(_ type: Label.Type) {
      let values = memory.values(of: type)
      for line in lines {
        let target = place(slice, channel: 0, line: origin.y + line) + origin.x
        let source = (line - lines.lowerBound) * width
        for index in 0..<width {
          values[target + index] = Label(truncatingIfNeeded: labels[source + index])
        }
      }
    }
    switch scalarType {
    case .uint8: put(UInt8.self)
    case .uint16: put(UInt16.self)
    case .int16: put(Int16.self)
    default: put(Int32.self)
    }
  }

  /// Announces that some slices will be set.
  func willSet(_ count: Int) { memory.willTouch(count * sliceBytes) }

  /// Writes the first slices.
  ///
  /// - Parameter slices: which slices of the output they are.
  func write(_ slices: Range<Int>) throws {
    let bytes = memory.values(of: UInt8.self)
    // Slices of several channels lie channel by channel only within one slice.
    let step = channels == 1 ? max(1, (16 << 20) / sliceBytes) : 1
    for first in Swift.stride(from: slices.lowerBound, to: slices.upperBound, by: step) {
      let some = first..<min(slices.upperBound, first + step)
      memory.willTouch(some.count * sliceBytes)
      let start = (first - slices.lowerBound) * sliceBytes
      try writer.write(
        UnsafeRawBufferPointer(
          rebasing: UnsafeRawBufferPointer(bytes)[start..<start + some.count * sliceBytes]),
        slices: some)
    }
  }

  /// Completes the file.
  func finish() throws { try writer.finish() }
}

extension PredictionLayout {
  /// Room for finished slices, of each kind of output.
  ///
  /// - Parameter residentBytes: how much of each may be in memory at a time.
  /// - Throws: `VoxtileError.Code.fileAccess` where there is none.
  func outputs(
    _ writers: [PredictionKind: any VolumeWriter], slices: Int, residentBytes: Int = .max
  ) throws(VoxtileError) -> [FinishedSlices] {
    var outputs: [FinishedSlices] = []
    for (kind, writer) in writers.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      outputs.append(
        try FinishedSlices(
          kind, layout: self, finisher: decision, slices: slices, residentBytes: residentBytes, writer: writer
        ))
    }
    return outputs
  }
}

extension [FinishedSlices] {
  /// Writes slices in which nothing was predicted.
  ///
  /// - Parameters:
  ///   - next: the first of them; afterwards the end, or where it was if there are none.
  ///   - count: how many there is room for.
  func writeBackground(from next: inout Int, before end: Int, atATime count: Int) throws {
    while next < end {
      let slices = next..<Swift.min(end, next + count)
      for output in self {
        output.clear(slices.count)
        try output.write(slices)
      }
      next = slices.upperBound
    }
  }
}

/// Some lines of sums that are final.
struct FinishedLines: Sendable {
  /// How many lines.
  let count: Int
  /// Voxels of a line.
  let width: Int
  /// From one plane of sums to the next.
  let stride: Int
  /// Whether a plane of weights follows the values.
  let hasWeights: Bool
  /// The plane that says where patches differ, where they are compared: the last one.
  let differing: Int

  /// The sums of the weights over a run of voxels; none where they are 1.
  func weights(of run: Range<Int>, sums: Span<Float>, channels: Int) -> [Float] {
    guard hasWeights else { return [] }
    let plane = sums.extracting(channels * stride + run.lowerBound..<channels * stride + run.upperBound)
    return [Float](unsafeUninitializedCapacity: run.count) { buffer, count in
      for index in 0..<run.count { buffer[index] = plane[index] }
      count = run.count
    }
  }
}
