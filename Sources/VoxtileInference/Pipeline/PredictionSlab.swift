import Voxtile
import VoxtileFormats

/// A few slices of one kind of output, background at first.
struct PredictionSlab {
  let kind: PredictionKind
  private let slices: Range<Int>
  private let extent: Extent
  private let labelType: ScalarType
  private let finisher: SliceFinisher
  private var labels: [Int32] = []
  private var values: [Float] = []

  init(_ kind: PredictionKind, slices: Range<Int>, plan: InferencePlan, finisher: SliceFinisher) {
    self.kind = kind
    self.slices = slices
    self.finisher = finisher
    extent = Extent(width: plan.outputExtent.width, height: plan.outputExtent.height, depth: slices.count)
    labelType = plan.labelType
    let count = extent.voxelCount
    if kind == .labels {
      labels = [Int32](repeating: finisher.background, count: count)
    } else {
      values = [Float](repeating: 0, count: count * finisher.channels)
      for channel in 0..<finisher.channels {
        let empty = finisher.empty(channel, kind: kind)
        guard empty != 0 else { continue }
        for index in channel * count..<(channel + 1) * count { values[index] = empty }
      }
    }
  }

  /// Sets the predicted part of one slice.
  ///
  /// - Parameters:
  ///   - z: the slice of the output.
  ///   - box: the predicted part of the output.
  ///   - sums: of shape `(channels, box.height, box.width)`, and behind them the sums of the weights where those
  ///     are kept.
  mutating func set(
    _ z: Int, box: Region, sums: UnsafeBufferPointer<Float>, hasWeights: Bool, jobs: Jobs
  ) {
    let area = box.extent.width * box.extent.height
    let rows = max(1, SliceFinisher.chunk / box.extent.width)
    let parts = (box.extent.height + rows - 1) / rows
    let (kind, finisher, extent) = (kind, finisher, extent)
    let slice = z - slices.lowerBound
    let source = SharedSums(sums)
    @Sendable func run(_ part: Int) -> Range<Int> {
      part * rows * box.extent.width..<min(box.extent.height, (part + 1) * rows) * box.extent.width
    }
    @Sendable func weights(_ run: Range<Int>) -> [Float] {
      hasWeights
        ? Array(source.buffer[finisher.channels * area + run.lowerBound..<finisher.channels * area + run.upperBound])
        : []
    }
    @Sendable func place(_ row: Int, channel: Int) -> Int {
      ((channel * extent.depth + slice) * extent.height + box.origin.y + row) * extent.width + box.origin.x
    }
    let width = box.extent.width
    if kind == .labels {
      labels.withUnsafeMutableBufferPointer { buffer in
        let output = DisjointOutput(buffer)
        jobs.forEach(parts) { part in
          let run = run(part)
          var found: [Int32] = []
          finisher.label(source.buffer.span, weights: weights(run), area: area, run: run, into: &found)
          for row in 0..<run.count / width {
            let start = place(part * rows + row, channel: 0)
            output.withPart(start..<start + width) { line in
              for index in 0..<width { line[index] = found[row * width + index] }
            }
          }
        }
      }
    } else {
      values.withUnsafeMutableBufferPointer { buffer in
        let output = DisjointOutput(buffer)
        jobs.forEach(parts) { part in
          let run = run(part)
          var found: [Float] = []
          finisher.values(
            source.buffer.span, weights: weights(run), area: area, run: run, kind: kind, into: &found)
          for channel in 0..<finisher.channels {
            for row in 0..<run.count / width {
              let start = place(part * rows + row, channel: channel)
              output.withPart(start..<start + width) { line in
                for index in 0..<width { line[index] = found[channel * run.count + row * width + index] }
              }
            }
          }
        }
      }
    }
  }

  /// Writes the slab.
  func write(to writer: (any VolumeWriter)?) throws {
    guard let writer else { return }
    guard kind == .labels else {
      return try writer.write(
        Volume(extent: extent, channels: finisher.channels, voxels: values), slices: slices)
    }
    func write<Label: VoxelScalar & FixedWidthInteger>(_ type: Label.Type) throws {
      try writer.write(
        Volume<Label>(extent: extent, voxels: labels.map { Label(truncatingIfNeeded: $0) }),
        slices: slices)
    }
    switch labelType {
    case .uint8: try write(UInt8.self)
    case .uint16: try write(UInt16.self)
    case .int16: try write(Int16.self)
    default: try write(Int32.self)
    }
  }
}

/// Sums that several threads only read.
private struct SharedSums: @unchecked Sendable {
  let buffer: UnsafeBufferPointer<Float>
  init(_ buffer: UnsafeBufferPointer<Float>) { self.buffer = buffer }
}
