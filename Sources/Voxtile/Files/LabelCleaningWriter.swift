import Synchronization

/// Frees a label map of specks, of all but the largest components, and of holes, before another writer gets it.
///
/// What a component is shows only at the last slice. So the map is held, as runs of equal labels, and written by ``finish()``.
///
///     let writer = try LabelCleaningWriter(cleaning, to: ImageFormats.create("labels.nii.gz", info: info))
public final class LabelCleaningWriter: VolumeWriter {
  /// What a cleaning changed.
  public struct Findings: Hashable, Sendable {
    /// Voxels of labels that became 0.
    public var removedVoxels = 0
    /// Voxels of holes that got a label.
    public var filledVoxels = 0

    /// Creates findings of a cleaning that changed nothing.
    public init() {}
  }

  private struct State {
    var rows: LabelRows
    var findings = Findings()
    /// Whether a part of a slice has come, so that the other writer has to get parts too.
    var splitsSlices = false
  }

  /// Slabs need not be larger than this to be written at the speed of the disk.
  private static let slabByteCount = 4 << 20

  /// What is written.
  public let info: VolumeInfo
  private let next: any VolumeWriter
  private let cleaning: LabelCleaning
  private let maximumByteCount: Int?

  /// What the cleaning changed; nothing before ``finish()``.
  public var findings: Findings { state.withLock { $0.findings } }

  private let state: Mutex<State>

  /// - Parameters:
  ///   - cleaning: what the map is freed of.
  ///   - next: gets the cleaned map.
  ///   - maximumByteCount: the most memory that the map may take while it is cleaned; `nil` where there is no limit.
  /// - Throws: `VoxtileError.Code.shapeMismatch` where there are several channels.
  public init(
    _ cleaning: LabelCleaning, to next: any VolumeWriter, maximumByteCount: Int? = nil
  ) throws(VoxtileError) {
    info = next.info
    guard info.channels == 1 else {
      throw VoxtileError(
        .shapeMismatch, "a label map has one channel, not \(info.channels)",
        context: .init(expected: "1", found: "\(info.channels)"))
    }
    (self.next, self.cleaning, self.maximumByteCount) = (next, cleaning, maximumByteCount)
    state = Mutex(State(rows: LabelRows(extent: info.extent)))
  }

  /// Takes the next slices.
  ///
  /// - Throws: `VoxtileError.Code.typeMismatch` where a value is no label, `VoxtileError.Code.memoryTooLow` where the map has more surfaces
  ///   than the memory allows.
  /// - Complexity: O(voxels) time; 16 bytes for each run of equal labels along x.
  public func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
    try take(slab)
  }

  /// Takes the next rows.
  ///
  /// - Throws: as ``write(_:slices:)``.
  public func writeRows(_ rows: UnsafeRawBufferPointer, _ range: Range<Int>, ofSlice slice: Int) throws {
    try take(rows, splitsSlices: true)
  }

  private func take(_ bytes: UnsafeRawBufferPointer, splitsSlices: Bool = false) throws {
    try state.withLock { state in
      if splitsSlices { state.splitsSlices = true }
      try state.rows.append(rowsOf: bytes, as: info.scalarType)
      try check(state.rows)
    }
  }

  private func check(_ rows: LabelRows) throws(VoxtileError) {
    let needed = rows.byteCount * LabelCleaning.copiesWhileCleaned
    guard let maximumByteCount, needed > maximumByteCount else { return }
    throw VoxtileError(
      .memoryTooLow,
      "the labels have so many parts that cleaning them takes more than the \(max(0, maximumByteCount) >> 20) MiB that are left; "
        + "allow more memory",
      context: .init(
        expected: "<= \(maximumByteCount) bytes", found: ">= \(needed) bytes", neededBytes: needed))
  }

  private func cleaned(_ rows: LabelRows) throws(VoxtileError) -> LabelRows {
    var (removing, filling) = (cleaning, LabelCleaning())
    (removing.labelsFilled, filling.labelsFilled) = (nil, cleaning.labelsFilled)
    let left = try removing.applied(to: rows, isPlanar: info.isPlanar)
    let filled = try filling.applied(to: left, isPlanar: info.isPlanar)
    var findings = Findings()
    findings.removedVoxels = rows.labeledVoxels - left.labeledVoxels
    findings.filledVoxels = filled.labeledVoxels - left.labeledVoxels
    state.withLock { [findings] in $0.findings = findings }
    return filled
  }

  /// Cleans the map, and writes it.
  ///
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where there are more runs than can be numbered, and what the other writer throws.
  /// - Complexity: as that of the cleaning; then O(voxels).
  public func finish() throws {
    var (rows, splitsSlices) = (LabelRows(extent: info.extent), false)
    state.withLock { state in
      (rows, splitsSlices) = (state.rows, state.splitsSlices)
      state.rows = LabelRows(extent: info.extent)
    }
    rows = try cleaned(rows)
    let boxes = info.slabs(maximumBytes: Self.slabByteCount, splitsSlices: splitsSlices)
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: boxes.map { info.byteCount(of: $0) }.max() ?? 0, alignment: 16)
    defer { buffer.deallocate() }
    for box in boxes {
      let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<info.byteCount(of: box)])
      rows.copy(box, to: bytes, as: info.scalarType)
      if box.y == 0..<info.extent.height {
        try next.write(UnsafeRawBufferPointer(bytes), slices: box.z)
      } else {
        try next.writeRows(UnsafeRawBufferPointer(bytes), box.y, ofSlice: box.z.lowerBound)
      }
    }
    try next.finish()
  }
}
