import Synchronization
import Voxtile
import VoxtileFormats

/// The work of merging, once the scalar type is known.
struct MergeJob: Sendable {
  let store: PatchStore
  let headers: PatchFileHeaders
  let writer: any VolumeWriter
  let blend: Blend
  /// The stored value of voxels that no patch holds.
  let fill: Double
  let options: PatchStore.MergeOptions
  let plan: MemoryPlan<MergeStep>
  /// The type of real values, where the patches' scaling is applied.
  let realType: ScalarType?

  private var settings: MergeSettings { MergeSettings(blend: blend, fill: fill, jobs: plan.jobs) }

  func run(_ type: ScalarType) throws {
    func open<Scalar: VoxelScalar>(_ type: Scalar.Type) throws { try run(type) }
    try open(type.type)
  }

  private func run<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
    try options.progress(0, of: store.manifest.grid.count)
    if case .slices(let count) = plan.step {
      let value: any VoxelScalar.Type = (realType ?? headers.scalarType).type
      try mergeSlices(count, of: value, into: type)
    } else {
      try mergePatches(into: type)
    }
  }

  /// Reads each patch whole, layer by layer, and writes the slices that become complete.
  private func mergePatches<Scalar: VoxelScalar>(into type: Scalar.Type) throws {
    let grid = store.manifest.grid
    let output = SerialWorker("write")
    // After an error too: a file that is being written cannot be removed by the end of the program.
    defer { output.wait() }
    let done = Mutex(0)
    let write: @Sendable (PlacedVolume<Scalar>) throws -> Void = { [writer] slab in
      try output.begin { try writer.write(slab.volume, slices: slab.region.z) }
    }
    try PatchMerger<Scalar>.mergeSlabs(of: grid, settings: settings, to: write) { merger in
      for layer in 0..<grid.counts.z {
        try plan.jobs.forEachThrowing(grid.counts.x * grid.counts.y) { place in
          let (y, x) = place.quotientAndRemainder(dividingBy: grid.counts.x)
          let patch = grid.patch(at: Position(x: x, y: y, z: layer))
          let volume = try headers.scaled(patch, to: realType)
          do {
            try merger.add(volume, at: patch)
          } catch let error as VoxtileError {
            throw error.inFile(headers.paths[patch.index])
          }
          let count = done.withLock { done in
            done += 1
            return done
          }
          try options.progress(count, of: grid.count)
        }
      }
    }
    try output.finish()
  }

  /// Reads as much of each patch as so many slices need, and writes those.
  private func mergeSlices<Value: VoxelScalar, Scalar: VoxelScalar>(
    _ count: Int, of value: Value.Type, into type: Scalar.Type
  ) throws {
    let grid = store.manifest.grid
    let output = SerialWorker("write")
    // After an error too: a file that is being written cannot be removed by the end of the program.
    defer { output.wait() }
    let merger = try RegionMerger<Scalar>(grid: grid, settings: settings)
    let source = try PatchPartSource<Value>(
      headers: headers, grid: grid, realType: realType, slices: count)
    for first in stride(from: 0, to: grid.extent.depth, by: count) {
      let region = Region(
        x: 0..<grid.extent.width, y: 0..<grid.extent.height,
        z: first..<min(first + count, grid.extent.depth))
      try source.prepare(region.z, jobs: plan.jobs)
      let volume = try merger.merge(region, channels: headers.channels, of: value) { patch, part in
        try options.progress(finishedPatches(before: first), of: grid.count)
        return try source.read(part, of: patch)
      }
      try output.begin { [writer] in try writer.write(volume, slices: region.z) }
    }
    try output.finish()
    try options.progress(grid.count, of: grid.count)
  }

  /// The number of patches that lie wholly before a slice.
  private func finishedPatches(before slice: Int) -> Int {
    let grid = store.manifest.grid
    let layers = grid.axes.z.starts.indices.count { grid.axes.z.range(at: $0).upperBound <= slice }
    return layers * grid.counts.x * grid.counts.y
  }
}
