import Synchronization

/// Merges patches back into a volume in memory.
///
///     let merger = try PatchMerger<Float>(grid: grid, blend: .gaussian)
///     for patch in grid {
///       try merger.add(model.predict(scan[patch]), at: patch)
///     }
///     let probabilities = try merger.finish()
///
/// Patches may be added in any order and from several threads; the result has the same bits. Slices
/// are merged as soon as their patches are there, and those patches are then let go, so patches that
/// come layer by layer are held for about two layers. Where the result itself is too large for memory,
/// use ``SlabMerger``.
///
/// With ``Blend/average``, patches cut from a volume give back the bits of every covered voxel, for every
/// scalar type.
public final class PatchMerger<Scalar: VoxelScalar>: Sendable {
  private struct State {
    var engine: MergeEngine<Scalar>
    var voxels: [Scalar] = []
    var metadata: VolumeMetadata?
    var isFinished = false

    /// Merges the slices that have become complete into their place.
    mutating func mergeReady() {
      let slices = engine.readySlices
      guard !slices.isEmpty else { return }
      if voxels.isEmpty {
        voxels = [Scalar](unsetCount: engine.plan.grid.extent.voxelCount * (engine.channels ?? 1))
      }
      voxels.withUnsafeMutableBufferPointer { engine.merge(slices, into: $0, firstSlice: 0) }
    }
  }

  private let state: Mutex<State>

  /// The grid whose patches are merged.
  public let grid: PatchGrid

  /// Creates a merger.
  ///
  /// - Parameters:
  ///   - grid: the grid that the patches were cut on.
  ///   - blend: how several patches become one value.
  ///   - fill: the value of voxels that no patch holds (`grid.coverage.lostVoxels` of them), rounded and
  ///     saturated to `Scalar`.
  ///   - jobs: how many threads merge. The result does not depend on it.
  /// - Throws: ``VoxtileError/Code-swift.struct/invalidOption`` where a blend profile of the caller's is not usable.
  public init(
    grid: PatchGrid, blend: Blend, fill: Double = 0, jobs: Jobs = .all
  ) throws(VoxtileError) {
    self.grid = grid
    let engine = try MergeEngine<Scalar>(grid: grid, blend: blend, fill: fill, jobs: jobs)
    state = Mutex(State(engine: engine))
  }

  /// Adds one patch.
  ///
  /// - Parameters:
  ///   - volume: the values, of the patch's full size (made-up voxels included; they are not merged). Any
  ///     scalar type and number of channels, the same for all patches.
  ///   - patch: the patch of ``grid`` they belong to.
  /// - Throws: ``VoxtileError/Code-swift.struct/duplicatePatch``, ``VoxtileError/Code-swift.struct/shapeMismatch`` for another size or
  ///   number of channels, ``VoxtileError/Code-swift.struct/typeMismatch`` for another scalar type than the patches before,
  ///   ``VoxtileError/Code-swift.struct/mergerFinished``. After an error the merger is as it was before.
  /// - Complexity: O(1), but for the patch that completes slices: O(voxels of their patches).
  public func add(_ volume: some AnyVolume, at patch: Patch) throws(VoxtileError) {
    try state.withLock { state throws(VoxtileError) in
      if state.isFinished { throw .mergerFinished }
      try state.engine.add(volume, at: patch)
      if state.metadata == nil {
        let origin = patch.region.origin
        state.metadata = volume.metadata.moved(
          to: Position(x: -origin.x, y: -origin.y, z: -origin.z))
      }
      state.mergeReady()
    }
  }

  /// The merged volume, placed in the world as the patches say.
  ///
  /// - Throws: ``VoxtileError/Code-swift.struct/missingPatch`` where patches were never added; they can still be. A second call throws
  ///   ``VoxtileError/Code-swift.struct/mergerFinished``.
  public func finish() throws(VoxtileError) -> Volume<Scalar> {
    try state.withLock { state throws(VoxtileError) in
      if state.isFinished { throw .mergerFinished }
      try state.engine.checkComplete()
      state.isFinished = true
      defer { state.voxels = [] }
      return Volume(
        checked: grid.extent, channels: state.engine.channels ?? 1, voxels: state.voxels,
        metadata: state.metadata ?? VolumeMetadata())
    }
  }
}
