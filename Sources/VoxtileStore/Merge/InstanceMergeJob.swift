import Voxtile
import VoxtileFormats

/// The work of merging instances: all patches are read twice, first to find which objects are the same, then to write them.
struct InstanceMergeJob: Sendable {
  let grid: PatchGrid
  let headers: PatchFileHeaders
  let writer: any VolumeWriter
  /// The path of the merged file, for messages.
  let path: String
  /// The type in which values are read; `nil` for the patches' own.
  let realType: ScalarType?
  /// The type of the merged file.
  let scalarType: ScalarType
  let settings: InstanceSettings
  let plan: MemoryPlan<MergeStep>
  let progress: JobProgress

  private var mergeSettings: MergeSettings {
    MergeSettings(blend: .center, absentPatches: headers.absent, jobs: plan.jobs)
  }

  /// Merges and writes all patches.
  func run() throws -> InstanceReport {
    func read<Value: VoxelScalar>(_ value: Value.Type) throws -> InstanceReport {
      func write<Written: VoxelScalar>(_ written: Written.Type) throws -> InstanceReport {
        try run(reading: value, writing: written)
      }
      return try write(scalarType.type)
    }
    let value: any VoxelScalar.Type = (realType ?? headers.scalarType).type
    return try read(value)
  }

  private func run<Value: VoxelScalar, Written: VoxelScalar>(
    reading: Value.Type, writing: Written.Type
  ) throws -> InstanceReport {
    try progress(0, of: 2 * grid.count)
    let output = MergedOutput<UInt32, Written>(writer, content: .labels)
    // Also after an error: a file cannot be removed while it is being written.
    defer { output.wait() }
    let numbering: InstanceNumbering
    switch plan.step {
    case .patches:
      numbering = try matchPatches()
      try writePatches(numbering, to: output)
    case .slices(let count):
      numbering = try matchBoxes(rows: grid.extent.height, slices: count, of: reading)
      try writeBoxes(rows: grid.extent.height, slices: count, of: reading, numbering, to: output)
    case .rows(let count):
      numbering = try matchBoxes(rows: count, slices: 1, of: reading)
      try writeBoxes(rows: count, slices: 1, of: reading, numbering, to: output)
    }
    try naming(path) { try output.finish() }
    try progress(2 * grid.count, of: 2 * grid.count)
    return numbering.report
  }

  // MARK: - Whole patches

  private func matchPatches() throws -> InstanceNumbering {
    let matcher = try InstanceMatcher(grid: grid, settings: settings)
    try forEachPatch(after: 0) { volume, patch in try matcher.add(volume, at: patch) }
    return try matcher.finish()
  }

  private func writePatches<Written: VoxelScalar>(
    _ numbering: InstanceNumbering, to output: MergedOutput<UInt32, Written>
  ) throws {
    try PatchMerger<UInt32>.mergeSlabs(
      of: grid, settings: mergeSettings, to: { try write($0, numbering, to: output) }
    ) { merger in
      try forEachPatch(after: grid.count) { volume, patch in
        try merger.add(numbering.renumbered(volume, of: patch), at: patch)
      }
    }
  }

  /// Reads each patch whole, layer by layer.
  ///
  /// - Parameter done: how many patches have been read before.
  private func forEachPatch(
    after done: Int, _ body: @Sendable (any AnyVolume, Patch) throws -> Void
  ) throws {
    let counter = ProgressCounter(progress, after: done + headers.absent.count, of: 2 * grid.count)
    try headers.forEachPatch(of: grid, jobs: plan.jobs) { patch in
      try body(headers.scaled(patch, to: realType), patch)
      try counter.countOne()
    }
  }

  // MARK: - Slices and rows

  private func matchBoxes<Value: VoxelScalar>(
    rows: Int, slices: Int, of type: Value.Type
  ) throws -> InstanceNumbering {
    var matching = try InstanceMatching(grid: grid, settings: settings)
    try forEachBox(rows: rows, slices: slices, of: type, after: 0) { region, read in
      try matching.add(region, of: type, read: read)
    }
    return matching.numbering()
  }

  private func writeBoxes<Value: VoxelScalar, Written: VoxelScalar>(
    rows: Int, slices: Int, of type: Value.Type, _ numbering: InstanceNumbering,
    to output: MergedOutput<UInt32, Written>
  ) throws {
    let merger = try RegionMerger<UInt32>(grid: grid, settings: mergeSettings)
    try forEachBox(rows: rows, slices: slices, of: type, after: grid.count) { region, read in
      let volume = try merger.merge(region, channels: 1) { patch, part in
        try naming(headers.path(of: patch)) {
          try numbering.renumbered(read(patch, part), of: patch, from: part.origin - patch.region.origin)
        }
      }
      try write(PlacedVolume(region: region, volume: volume), numbering, to: output)
    }
  }

  /// Calls a body with each box of the image, and with what reads a part of a patch.
  private func forEachBox<Value: VoxelScalar>(
    rows: Int, slices: Int, of type: Value.Type, after done: Int,
    _ body: (Region, @escaping @Sendable (Patch, Region) throws -> Volume<Value>) throws -> Void
  ) throws {
    let source = try PatchPartSource<Value>(
      headers: headers, grid: grid, realType: realType, slices: slices)
    for region in grid.extent.boxes(rows: rows, slices: slices) {
      try source.prepare(region.z, jobs: plan.jobs)
      try progress(done + grid.finishedPatches(before: region.z.lowerBound), of: 2 * grid.count)
      try body(region) { patch, part in
        let volume = try source.read(part, of: patch)
        try naming(headers.path(of: patch)) { try volume.checkInstances(of: patch, in: Region(part.extent)) }
        return volume
      }
    }
  }

  // MARK: - Writing

  /// Writes a slab whose objects get their numbers in the image.
  private func write<Written: VoxelScalar>(
    _ slab: PlacedVolume<UInt32>, _ numbering: InstanceNumbering, to output: MergedOutput<UInt32, Written>
  ) throws {
    var volume = slab.volume
    numbering.numberInOrder(&volume)
    try naming(path) { try output.write(PlacedVolume(region: slab.region, volume: volume)) }
  }

  /// Does something with a file, which is named where that fails.
  private func naming<Result>(_ path: String?, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as VoxtileError where error.context.file == nil {
      throw path.map(error.inFile) ?? error
    }
  }
}
