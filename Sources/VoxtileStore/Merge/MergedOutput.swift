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
  /// What the file's type could not hold.
  let findings = ValueFindings()

  init(_ writer: any VolumeWriter, content: Content) {
    self.writer = writer
    self.content = content
  }

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
    guard Merged.self != Written.self else { return Volume(converting: slab) }
    guard let target = IntegerRange() else {
      if case .labels = content { try checkAreExact(slab) }
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
    findings.add((slab.countOutside(target.range), slab.countNaN(in: Region(slab.extent))))
    return Volume(converting: slab)
  }

  /// Throws where a label is a whole number that the file's floating-point type cannot hold: another label would be written.
  private func checkAreExact(_ slab: Volume<Merged>) throws {
    let type = Written.scalarType
    let limit = type == .float32 ? 0x1p24 : 0x1p53
    guard let range = slab.range(in: Region(slab.extent)), max(-range.lowerBound, range.upperBound) > limit
    else { return }
    func isExact(_ whole: some BinaryInteger) -> Bool {
      type == .float32 ? Float(exactly: whole) != nil : Double(exactly: whole) != nil
    }
    for value in slab.voxels where abs(value.double) >= limit {
      let label: (any BinaryInteger)? = value as? any BinaryInteger ?? Int(exactly: value.double)
      guard let label, !isExact(label) else { continue }
      throw VoxtileError(
        .typeMismatch,
        "label \(label) does not fit \(type.rawValue), which holds whole numbers up to \(Int(limit)) exactly",
        remedy: .chooseScalarType, context: .init(expected: "labels up to \(Int(limit))", found: "\(label)"))
    }
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
