import Synchronization

/// Finds which objects of different patches are the same, where each patch numbered its objects on its own.
///
///     let matcher = try InstanceMatcher(grid: grid)
///     for patch in grid { try matcher.add(cells(of: patch), at: patch) }
///     let numbering = try matcher.finish()
///
/// Where two neighbors overlap, an object of one and an object of the other are the same if their intersection over union
/// is large enough there. What is the same as a third is one with it, so that an object may reach over any number of
/// patches. An object that ends at the border of a patch is compared as far as both patches see it, and nothing is asked of
/// the rest. The ``InstanceNumbering`` then gives the patches the numbers that their objects have in the whole image;
/// ``PatchGrid/mergeInstances(settings:metadata:patch:)`` does both.
///
/// Patches may be added in any order and from several threads. Held are the patches that later ones may overlap, as in
/// ``PatchMerger``, up to 256 bytes for each pair of objects that meet in them, and up to 64 bytes for each object that is
/// found in two patches.
public struct InstanceMatcher: ~Copyable, Sendable {
  private let state: Mutex<HeldMatching>
  /// The grid whose patches are compared.
  public let grid: PatchGrid

  /// Creates a matcher.
  ///
  /// - Parameters:
  ///   - grid: the grid that the patches were cut on.
  ///   - settings: what counts as the same object.
  /// - Throws: ``VoxtileError/Code-swift.struct/invalidOption`` where the IoU is not from 0 to 1, or no two patches share a
  ///   voxel; ``VoxtileError/Code-swift.struct/missingPatch`` where the settings say that every patch is absent.
  /// - Precondition: the absent patches are indices of the grid.
  public init(grid: PatchGrid, settings: InstanceSettings = InstanceSettings()) throws(VoxtileError) {
    self.grid = grid
    let matching = try InstanceMatching(grid: grid, settings: settings)
    state = Mutex(
      HeldMatching(held: HeldPatches(of: grid, settings: matching.plan.settings), matching: matching))
  }

  /// Adds one patch.
  ///
  /// - Parameters:
  ///   - volume: the objects of the patch, of the patch's full size: one channel of whole numbers of at least 0, where 0 is
  ///     background. Made-up voxels do not count. All patches have the same scalar type.
  ///   - patch: the patch of ``grid`` they belong to.
  /// - Throws: as ``PatchMerger/add(_:at:)``; ``VoxtileError/Code-swift.struct/typeMismatch`` also for values that are no
  ///   numbers of objects. After these the matcher is as it was before. ``VoxtileError/Code-swift.struct/memoryTooLow`` where the
  ///   tables become larger than allowed; after that every call throws ``VoxtileError/Code-swift.struct/mergerFinished``.
  /// - Complexity: O(voxels of the patch that it shares with neighbors).
  public func add(_ volume: some AnyVolume, at patch: Patch) throws(VoxtileError) {
    try state.withLock { state throws(VoxtileError) in try state.add(volume, at: patch) }
  }

  /// The numbers of the objects, after all patches have been added.
  ///
  /// - Throws: ``VoxtileError/Code-swift.struct/missingPatch`` where patches were never added,
  ///   ``VoxtileError/Code-swift.struct/mergerFinished`` where the tables became larger than allowed.
  public consuming func finish() throws(VoxtileError) -> InstanceNumbering {
    try state.withLock { state throws(VoxtileError) in
      try state.checkComplete()
      return state.matching.numbering()
    }
  }
}

/// Patches that later ones may overlap, and what is known so far.
struct HeldMatching: Sendable {
  var held: HeldPatches
  var matching: InstanceMatching
  /// Whether a box was counted in part, so that nothing that is known can be used.
  private var hasFailed = false

  init(held: HeldPatches, matching: InstanceMatching) {
    self.held = held
    self.matching = matching
  }

  mutating func add(_ volume: some AnyVolume, at patch: Patch) throws(VoxtileError) {
    if hasFailed { throw .matcherFailed }
    if volume.extent == patch.region.extent {
      try volume.typed.checkInstances(of: patch, in: patch.validInPatch)
    }
    try held.add(volume, at: patch)
    guard let type = held.scalarType?.type else { return }
    // Whole slices, or whole rows of one slice.
    let extent = matching.plan.grid.extent
    while let box = held.readyBox(ofAtLeast: extent.depth > 1 ? .max : MergeSchedule.leastVoxels) {
      func count<Value: VoxelScalar>(_ type: Value.Type) throws(VoxtileError) {
        try matching.add(held.parts(of: type, over: box), over: box)
      }
      do throws(VoxtileError) {
        try count(type)
      } catch {
        hasFailed = true
        throw error
      }
      held.didMerge(box, keepingMemory: false)
    }
  }

  /// Makes sure that every patch has come and all were compared.
  func checkComplete() throws(VoxtileError) {
    if hasFailed { throw .matcherFailed }
    try held.checkComplete()
  }
}

extension VoxtileError {
  fileprivate static var matcherFailed: VoxtileError {
    VoxtileError(
      .mergerFinished, "the tables of objects became too large; start again, and allow more memory")
  }
}
