import Synchronization

/// Merges patches and hands over each slab of the result as soon as no later patch can touch it.
///
///     let merger = try SlabMerger<Int16>(grid: grid, blend: .average) { slab in
///       try writer.write(slab.volume, slices: slab.slices)
///     }
///     for patch in grid { try merger.add(load(patch), at: patch) }
///     try merger.finish()
///
/// It is ``PatchMerger`` for results that need not, or cannot, be in memory at once: only the patches that
/// unfinished slices need are held. Add patches layer by layer (the order of ``PatchOrder/xFastest``); in
/// any other order the result is the same, but more of them are held.
public final class SlabMerger<Scalar: VoxelScalar>: Sendable {
  private struct State {
    var engine: MergeEngine<Scalar>
    var isFinished = false
  }

  private let state: Mutex<State>
  private let output: @Sendable (Slab<Scalar>) throws -> Void

  /// The grid whose patches are merged.
  public let grid: PatchGrid

  /// Creates a merger.
  ///
  /// - Parameters:
  ///   - grid: the grid that the patches were cut on.
  ///   - blend: how several patches become one value.
  ///   - fill: the value of voxels that no patch holds, rounded and saturated to `Scalar`.
  ///   - jobs: how many threads merge. The result does not depend on it.
  ///   - output: takes each slab; they come in ascending order, without gaps, one at a time. It must not
  ///     call the merger.
  /// - Throws: ``VoxtileError/Code-swift.struct/invalidOption`` where a blend profile of the caller's is not usable.
  public init(
    grid: PatchGrid, blend: Blend, fill: Double = 0, jobs: Jobs = .all,
    output: @escaping @Sendable (Slab<Scalar>) throws -> Void
  ) throws(VoxtileError) {
    self.grid = grid
    self.output = output
    let engine = try MergeEngine<Scalar>(grid: grid, blend: blend, fill: fill, jobs: jobs)
    state = Mutex(State(engine: engine))
  }

  /// Adds one patch, and hands over the slices that it completes.
  ///
  /// - Parameters:
  ///   - volume: the values, of the patch's full size. Any scalar type and number of channels, the same
  ///     for all patches.
  ///   - patch: the patch of ``grid`` they belong to.
  /// - Throws: as ``PatchMerger/add(_:at:)``, and what the output throws; after that the merger is of no more
  ///   use.
  public func add(_ volume: some AnyVolume, at patch: Patch) throws {
    try state.withLock { state in
      if state.isFinished { throw VoxtileError.mergerFinished }
      try state.engine.add(volume, at: patch)
      let slices = state.engine.readySlices
      guard !slices.isEmpty else { return }
      let slab = state.engine.mergeSlab(slices)
      do {
        try output(Slab(slices: slices, volume: slab))
      } catch {
        state.isFinished = true
        throw error
      }
    }
  }

  /// Makes sure that every patch has come, and every slab gone.
  ///
  /// - Throws: ``VoxtileError/Code-swift.struct/missingPatch`` where patches were never added; they can still be. A second call throws
  ///   ``VoxtileError/Code-swift.struct/mergerFinished``.
  public func finish() throws(VoxtileError) {
    try state.withLock { state throws(VoxtileError) in
      if state.isFinished { throw .mergerFinished }
      try state.engine.checkComplete()
      state.isFinished = true
    }
  }
}

extension MergeEngine {
  /// Merges the ready slices into a volume of their own.
  fileprivate mutating func mergeSlab(_ slices: Range<Int>) -> Volume<Scalar> {
    let extent = Extent(
      width: plan.grid.extent.width, height: plan.grid.extent.height, depth: slices.count)
    var voxels = [Scalar](unsetCount: extent.voxelCount * (channels ?? 1))
    voxels.withUnsafeMutableBufferPointer { merge(slices, into: $0, firstSlice: slices.lowerBound) }
    return Volume(
      checked: extent, channels: channels ?? 1, voxels: voxels, metadata: VolumeMetadata())
  }
}
