/// A label map in memory, as runs of equal labels: as large as its surfaces, not as its voxels.
///
/// A run takes 16 bytes, so a map of noise takes more than its voxels do.
package struct LabelRows: Sendable {
  /// The size of the map.
  package let extent: Extent
  private var runs: [LabelRun] = []
  /// For each row the place after its last run.
  private var ends: [Int] = []

  /// The bytes that the runs take.
  package var byteCount: Int { runs.count * MemoryLayout<LabelRun>.stride + ends.count * 8 }

  /// The number of voxels whose label is not 0.
  package var labeledVoxels: Int { runs.reduce(0) { $0 + $1.x.count } }

  /// Creates a map without rows.
  init(extent: Extent) { self.extent = extent }

  /// Reads a map, slab by slab.
  ///
  /// - Throws: `VoxtileError.Code.shapeMismatch` where there are several channels, `VoxtileError.Code.typeMismatch` where a value is no whole
  ///   number, and what reading and the check throw.
  package init(of labels: some VolumeReader, check: () throws -> Void = {}) throws {
    self.init(extent: labels.info.extent)
    for region in labels.info.slabs(maximumBytes: 4 << 20) {
      try check()
      for row in try LabelRun.rows(of: labels.readLabels(region), labels: nil) { append(row) }
    }
  }

  /// Adds the next row.
  mutating func append(_ row: some Sequence<LabelRun>) {
    runs.append(contentsOf: row)
    ends.append(runs.count)
  }

  /// The runs of a row, in ascending order, without those of 0.
  ///
  /// - Precondition: the row has been added.
  package func runs(y: Int, z: Int) -> ArraySlice<LabelRun> {
    let row = z * extent.height + y
    return runs[(row == 0 ? 0 : ends[row - 1])..<ends[row]]
  }
}

extension LabelRun {
  /// The runs of each row of a box of labels, but for those of 0.
  ///
  /// - Parameters:
  ///   - volume: the labels, of one channel.
  ///   - labels: those that count; `nil` for all.
  /// - Throws: `VoxtileError.Code.typeMismatch` where a value is no whole number.
  static func rows(of volume: some AnyVolume, labels: Set<Int>?) throws(VoxtileError) -> [[LabelRun]] {
    let volume = volume.typed
    let width = volume.extent.width
    var rows: [[LabelRun]] = []
    for row in 0..<volume.extent.height * volume.extent.depth {
      var runs: [LabelRun] = []
      try append(
        ofRow: volume.voxels.span.extracting(row * width..<(row + 1) * width), includesZero: false, to: &runs)
      if let labels { runs.removeAll { !labels.contains($0.value) } }
      rows.append(runs)
    }
    return rows
  }
}
