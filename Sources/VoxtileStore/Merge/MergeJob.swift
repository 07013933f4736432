import Voxtile
import VoxtileFormats

/// The work of merging, once everything is known that headers and a few patches tell.
struct MergeJob: Sendable {
  let store: PatchStore
  let headers: PatchFileHeaders
  let writer: any VolumeWriter
  let choice: BlendChoice
  let types: MergedValueType
  /// The stored value of voxels that no patch holds.
  let fill: Double
  let options: PatchStore.MergeOptions
  let plan: MemoryPlan<MergeStep>
  /// What is looked at in each patch.
  let values: PatchValues

  private var settings: MergeSettings {
    MergeSettings(
      blend: choice.blend, fill: fill, nan: options.nan == .ignore ? .ignore : .propagate,
      absentPatches: headers.absent, jobs: plan.jobs)
  }

  /// Merges and writes all patches.
  ///
  /// - Returns: what the file's type could not hold.
  func run() throws -> ValueFindings {
    func open<Merged: VoxelScalar, Written: VoxelScalar>(
      _ merged: Merged.Type, _ written: Written.Type
    ) throws -> ValueFindings {
      try run(merging: merged, writing: written)
    }
    func openMerged<Merged: VoxelScalar>(_ merged: Merged.Type) throws -> ValueFindings {
      try open(merged, types.scalarType.type)
    }
    return try openMerged(types.mergedType.type)
  }

  private func run<Merged: VoxelScalar, Written: VoxelScalar>(
    merging: Merged.Type, writing: Written.Type
  ) throws -> ValueFindings {
    try options.progress(0, of: store.manifest.grid.count)
    let output = MergedOutput<Merged, Written>(
      writer,
      content: options.outputKind == .labels ? .highestChannel : choice.blend.isVote ? .labels : .values)
    // Also after an error: a file cannot be removed while it is being written.
    defer { output.wait() }
    let value: any VoxelScalar.Type = (types.realType ?? headers.scalarType).type
    switch plan.step {
    case .patches: try mergePatches(into: output)
    case .slices(let count): try mergeBoxes(rows: nil, slices: count, of: value, into: output)
    case .rows(let count): try mergeBoxes(rows: count, slices: 1, of: value, into: output)
    }
    try output.finish()
    return output.findings
  }

  /// Reads each patch whole, layer by layer, and writes the slices that become complete.
  private func mergePatches<Merged: VoxelScalar, Written: VoxelScalar>(
    into output: MergedOutput<Merged, Written>
  ) throws {
    let grid = store.manifest.grid
    let done = ProgressCounter(options.progress, after: headers.absent.count, of: grid.count)
    try PatchMerger<Merged>.mergeSlabs(of: grid, settings: settings, to: { try output.write($0) }) { merger in
      try headers.forEachPatch(of: grid, jobs: plan.jobs) { patch in
        try merger.add(headers.scaled(patch, to: types.realType, checkedBy: values), at: patch)
        try done.countOne()
      }
    }
  }

  /// Reads as much of each patch as so many slices, or rows of one slice, need, and writes those.
  private func mergeBoxes<Value: VoxelScalar, Merged: VoxelScalar, Written: VoxelScalar>(
    rows: Int?, slices: Int, of value: Value.Type, into output: MergedOutput<Merged, Written>
  ) throws {
    let grid = store.manifest.grid
    let merger = try RegionMerger<Merged>(grid: grid, settings: settings)
    let source = try PatchPartSource<Value>(
      headers: headers, grid: grid, realType: types.realType, slices: slices)
    for region in grid.extent.boxes(rows: rows ?? grid.extent.height, slices: slices) {
      try source.prepare(region.z, jobs: plan.jobs)
      let volume = try merger.merge(region, channels: headers.channels, of: value) { patch, part in
        try options.progress(grid.finishedPatches(before: region.z.lowerBound), of: grid.count)
        var volume = try source.read(part, of: patch)
        do {
          try values.check(&volume, of: patch, from: part.origin - patch.region.origin)
        } catch let error as VoxtileError {
          throw headers.path(of: patch).map(error.inFile) ?? error
        }
        return volume
      }
      try output.write(PlacedVolume(region: region, volume: volume))
    }
    try options.progress(grid.count, of: grid.count)
  }
}

extension PatchFileHeaders {
  /// Calls a body with each patch that has a file, layer by layer, the patches of a layer spread over the threads.
  ///
  /// - Throws: what the body throws, with the file of the patch.
  func forEachPatch(of grid: PatchGrid, jobs: Jobs, _ body: @Sendable (Patch) throws -> Void) throws {
    for layer in 0..<grid.counts.z {
      try jobs.forEachThrowing(grid.counts.x * grid.counts.y) { place in
        let (y, x) = place.quotientAndRemainder(dividingBy: grid.counts.x)
        let patch = grid.patch(at: Position(x: x, y: y, z: layer))
        guard !absent.contains(patch.index) else { return }
        do {
          try body(patch)
        } catch let error as VoxtileError where error.context.file == nil {
          throw path(of: patch).map(error.inFile) ?? error
        }
      }
    }
  }
}

extension PatchGrid {
  /// The number of patches that lie wholly before a slice.
  func finishedPatches(before slice: Int) -> Int {
    let layers = axes.z.starts.indices.count { axes.z.range(at: $0).upperBound <= slice }
    return layers * counts.x * counts.y
  }
}

extension Extent {
  /// Boxes of `rows` rows by `slices` slices that together cover the image, in voxel order.
  func boxes(rows: Int, slices: Int) -> [Region] {
    stride(from: 0, to: depth, by: slices).flatMap { z in
      stride(from: 0, to: height, by: rows).map { y in
        Region(x: 0..<width, y: y..<min(y + rows, height), z: z..<min(z + slices, depth))
      }
    }
  }
}
