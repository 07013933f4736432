import Synchronization

/// Merges patches back into a volume in memory.
///
///     let merger = try PatchMerger<Float>(grid: grid, blend: .gaussian, metadata: scan.metadata)
///     for patch in grid {
///       try merger.add(model.predict(scan[patch]), at: patch)
///     }
///     let probabilities = try merger.finish()
///
/// Patches may be added in any order and from several threads; the result has the same bits. Slices, and large parts of
/// them, are merged as soon as their patches are there, and patches that nothing else needs are then let go: of those that come
/// layer by layer (the order of ``PatchOrder/xFastest``), about a layer and a few rows are held, of a picture a few rows.
///
/// Where the result is too large for memory, take it slab by slab with ``mergeSlabs(of:settings:to:adding:)-599zf``; where
/// the memory is there already, merge into it with ``merge(_:settings:channels:into:adding:)``, or with a ``MemoryMerger``. All give the same bits.
///
/// With ``Blend/average``, patches cut from a volume give back the bits of every covered voxel, for every
/// scalar type.
public struct PatchMerger<Scalar: VoxelScalar>: ~Copyable, Sendable {
  private let state: Mutex<MergeState<Scalar>>

  /// The grid whose patches are merged.
  public let grid: PatchGrid

  /// Creates a merger.
  ///
  /// - Parameters:
  ///   - grid: the grid that the patches were cut on.
  ///   - blend: how several patches become one value; voxels that no patch holds become 0.
  ///   - metadata: where the merged volume lies in the world: the metadata of the scan that was cut. `nil` takes it from
  ///     the first patch that is added, as volumes that were cut have it. What a model returns often has none.
  /// - Throws: as ``init(grid:settings:metadata:)``.
  public init(grid: PatchGrid, blend: Blend, metadata: VolumeMetadata? = nil) throws(VoxtileError) {
    try self.init(grid: grid, settings: MergeSettings(blend: blend), metadata: metadata)
  }

  /// Creates a merger.
  ///
  /// - Parameters:
  ///   - grid: the grid that the patches were cut on.
  ///   - settings: the blend, the fill, and how many threads merge.
  ///   - metadata: where the merged volume lies in the world: the metadata of the scan that was cut. `nil` takes it from
  ///     the first patch that is added.
  /// - Throws: ``VoxtileError/Code-swift.struct/invalidOption`` where a blend profile of the caller's is not usable,
  ///   ``VoxtileError/Code-swift.struct/missingPatch`` where the settings say that every patch is absent.
  /// - Precondition: the absent patches are indices of the grid.
  public init(
    grid: PatchGrid, settings: MergeSettings, metadata: VolumeMetadata? = nil
  ) throws(VoxtileError) {
    try self.init(grid: grid, settings: settings, sink: .volume, metadata: metadata)
  }

  init(
    grid: PatchGrid, settings: MergeSettings, sink: MergeSink<Scalar>, metadata: VolumeMetadata? = nil,
    leastVoxels: Int = MergeSchedule.leastVoxels
  ) throws(VoxtileError) {
    self.grid = grid
    let plan = try MergePlan(grid: grid, settings: settings)
    state = Mutex(MergeState(plan: plan, sink: sink, metadata: metadata, leastVoxels: leastVoxels))
  }

  /// Adds one patch.
  ///
  /// - Parameters:
  ///   - volume: the values, of the patch's full size (made-up voxels included; they are not merged). Any
  ///     scalar type and number of channels, the same for all patches.
  ///   - patch: the patch of ``grid`` they belong to.
  /// - Throws: ``VoxtileError/Code-swift.struct/duplicatePatch``, ``VoxtileError/Code-swift.struct/shapeMismatch`` for another size or
  ///   number of channels, ``VoxtileError/Code-swift.struct/typeMismatch`` for another scalar type than the patches before,
  ///   ``VoxtileError/Code-swift.struct/malformedFile`` for a NaN where the settings do not allow any;
  ///   after these the merger is as it was before. What takes the slabs may throw too; after that every call throws
  ///   ``VoxtileError/Code-swift.struct/mergerFinished``.
  /// - Complexity: O(1), but for the patch that completes slices: O(voxels of their patches).
  public func add(_ volume: some AnyVolume, at patch: Patch) throws {
    try state.withLock { try $0.add(volume, at: patch) }
  }

  /// A patch that is merged, whose memory can take another one: see ``Volume/cut(_:reusing:)``.
  ///
  /// From the first call on the merger keeps such patches: at most as many as a layer of the grid has, and as are still
  /// missing.
  ///
  /// - Returns: a patch that was added, with its values; `nil` where there is none of that type.
  public func takeSpent<Value: VoxelScalar>() -> Volume<Value>? {
    state.withLock { $0.takeSpent() }
  }

  /// Makes sure that every patch has come. Those that are missing can still be added.
  ///
  /// - Throws: ``VoxtileError/Code-swift.struct/missingPatch`` where not, ``VoxtileError/Code-swift.struct/mergerFinished`` where
  ///   the merge has failed.
  public func checkComplete() throws(VoxtileError) {
    try state.withLock { state throws(VoxtileError) in try state.checkComplete() }
  }

  /// The merged volume, placed in the world as the metadata or the patches say. It ends the merger.
  ///
  /// - Throws: ``VoxtileError/Code-swift.struct/missingPatch`` where patches were never added; ``checkComplete()`` says so
  ///   beforehand.
  public consuming func finish() throws(VoxtileError) -> Volume<Scalar> {
    try state.withLock { state throws(VoxtileError) in
      try state.checkComplete()
      return state.takeVolume()
    }
  }
}

extension PatchMerger {
  /// Merges a grid and hands over each slab of the result as soon as no later patch can touch it.
  ///
  ///     try PatchMerger<Int16>.mergeSlabs(of: grid, settings: MergeSettings(blend: .average)) { slab in
  ///       try writer.write(slab.volume, slices: slab.region.z)
  ///     } adding: { merger in
  ///       for patch in grid { try merger.add(load(patch), at: patch) }
  ///     }
  ///
  /// Only the patches that unfinished slices need are held. Add them layer by layer (the order of
  /// ``PatchOrder/xFastest``); in any other order the result is the same, but more of them are held.
  ///
  /// - Parameters:
  ///   - grid: the grid that the patches were cut on.
  ///   - settings: the blend, the fill, and how many threads merge.
  ///   - output: takes each slab: whole slices, in ascending order, without gaps, one at a time, from the thread that added
  ///     the patch. It must not call the merger.
  ///   - body: adds every patch.
  /// - Returns: what the body returns.
  /// - Throws: what `output` and `body` throw, ``VoxtileError/Code-swift.struct/missingPatch`` where patches were never
  ///   added, and as ``init(grid:settings:metadata:)``.
  public static func mergeSlabs<Result>(
    of grid: PatchGrid, settings: MergeSettings,
    to output: @escaping @Sendable (PlacedVolume<Scalar>) throws -> Void,
    adding body: (borrowing PatchMerger) throws -> Result
  ) throws -> Result {
    let merger = try PatchMerger(grid: grid, settings: settings, sink: .slabs(output))
    let result = try body(merger)
    try merger.checkComplete()
    return result
  }

  /// Merges a grid and hands over each slab of the result, as the synchronous function of this name does.
  public static func mergeSlabs<Result>(
    of grid: PatchGrid, settings: MergeSettings,
    to output: @escaping @Sendable (PlacedVolume<Scalar>) throws -> Void,
    adding body: (borrowing PatchMerger) async throws -> Result
  ) async throws -> Result {
    let merger = try PatchMerger(grid: grid, settings: settings, sink: .slabs(output))
    let result = try await body(merger)
    try merger.checkComplete()
    return result
  }

  /// Merges a grid into memory of the caller's.
  ///
  ///     var values = [Float](repeating: 0, count: grid.extent.voxelCount)
  ///     var memory = values.mutableSpan
  ///     try PatchMerger<Float>.merge(grid, settings: MergeSettings(blend: .gaussian), into: &memory) { merger in
  ///       for patch in grid { try merger.add(predict(patch), at: patch) }
  ///     }
  ///
  /// - Parameters:
  ///   - grid: the grid that the patches were cut on.
  ///   - settings: the blend, the fill, and how many threads merge.
  ///   - channels: values per voxel, of every patch.
  ///   - memory: memory for the result, of shape `(channels, depth, height, width)`. After an error parts of it are set.
  ///   - body: adds every patch.
  /// - Returns: what the body returns.
  /// - Throws: what `body` throws, ``VoxtileError/Code-swift.struct/shapeMismatch`` where the memory has another size,
  ///   ``VoxtileError/Code-swift.struct/missingPatch`` where patches were never added, and as ``init(grid:settings:metadata:)``.
  public static func merge<Result>(
    _ grid: PatchGrid, settings: MergeSettings, channels: Int = 1, into memory: inout MutableSpan<Scalar>,
    adding body: (borrowing PatchMerger) throws -> Result
  ) throws -> Result {
    try grid.checkMemory(of: memory.count, channels: channels)
    return try memory.withUnsafeMutableBufferPointer { buffer in
      let merger = try PatchMerger(
        grid: grid, settings: settings, sink: .memory(DisjointOutput(buffer), channels: channels))
      let result = try body(merger)
      try merger.checkComplete()
      return result
    }
  }
}
