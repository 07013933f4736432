import Synchronization
import Voxtile

/// Takes the finished slabs of a merge, makes of them what the file holds, and writes them, one at a time, while the next
/// ones are merged.
final class MergedOutput<Merged: VoxelScalar, Written: VoxelScalar>: Sendable {
  /// What the file holds.
  enum Content {
    /// The merged values; those that the file's type cannot hold become the nearest one that it can, and are counted.
    case values
    /// Merged labels; one that the file's type cannot hold is an error.
    case labels
    /// For each voxel the number of the channel with the largest value.
    case highestChannel
  }

  private let writer: any VolumeWriter
  private let content: Content
  private let worker = SerialWorker("write")
  private let saturated = Mutex(0)

  init(_ writer: any VolumeWriter, content: Content) {
    self.writer = writer
    self.content = content
  }

  /// How many values the file's type could not hold.
  var saturatedValues: Int { saturated.withLock { $0 } }

  /// Writes a slab after those before it.
  func write(_ slab: PlacedVolume<Merged>) throws {
    try worker.begin { [self] in
      try writer.write(PlacedVolume(region: slab.region, volume: try written(slab.volume)))
    }
  }

  /// Waits until all slabs are written.
  func finish() throws { try worker.finish() }

  /// Waits until the last write has ended, whether or not it succeeded: a file cannot be removed while it is being written.
  func wait() { worker.wait() }

  /// What the file holds of a slab.
  private func written(_ slab: Volume<Merged>) throws -> Volume<Written> {
    if case .highestChannel = content { return Volume(converting: slab.highestChannels()) }
    guard let target = IntegerRange(), Merged.self != Written.self else {
      return Volume(converting: slab)
    }
    if case .labels = content, let range = slab.range(in: Region(slab.extent)),
      let lost = [range.lowerBound, range.upperBound].first(where: { !target.range.contains($0.rounded()) })
    {
      let label = Int(exactly: lost).map(String.init) ?? "\(lost)"
      throw VoxtileError(
        .typeMismatch,
        "label \(label) does not fit \(Written.scalarType.rawValue), which holds \(target.words)",
        remedy: .chooseScalarType, context: .init(expected: target.words, found: "\(lost)"))
    }
    let count = slab.countOutside(target.range)
    if count > 0 { saturated.withLock { $0 += count } }
    return Volume(converting: slab)
  }

  /// The values that an integer type holds.
  private struct IntegerRange {
    let range: ClosedRange<Double>

    /// The range of the file's type; `nil` for floating point.
    init?() {
      guard Written.scalarType.isInteger else { return nil }
      range = Written.scalarType.range
    }

    var words: String { "\(Written(nearest: range.lowerBound)) to \(Written(nearest: range.upperBound))" }
  }
}
