/// Merges patches into memory that someone else owns, such as an array of another language.
///
///     let merger = try MemoryMerger<Float>(grid: grid, settings: settings, channels: 1, into: memory)
///     for patch in grid { try merger.add(load(patch), at: patch) }
///     try merger.checkComplete()
///
/// Patches may be added in any order and from several threads, as with ``PatchMerger``, and the values are the same, bit for
/// bit. Where one function has both the memory and the patches, use
/// ``PatchMerger/merge(_:settings:channels:into:adding:)``, whose memory cannot go away too early.
public struct MemoryMerger<Scalar: VoxelScalar>: ~Copyable, Sendable {
  private let merger: PatchMerger<Scalar>

  /// The grid whose patches are merged.
  public var grid: PatchGrid { merger.grid }

  /// Creates a merger.
  ///
  /// - Parameters:
  ///   - grid: the grid that the patches were cut on.
  ///   - settings: the blend, the fill, and how many threads merge.
  ///   - channels: values per voxel, of every patch.
  ///   - memory: memory for the result, of shape `(channels, depth, height, width)`. It must stay valid, and nobody else may
  ///     touch it, until ``checkComplete()`` has returned or the merger is gone.
  /// - Throws: ``VoxtileError/Code-swift.struct/shapeMismatch`` where the memory has another size, and as
  ///   ``PatchMerger/init(grid:settings:metadata:)``.
  /// - Precondition: the absent patches of the settings are indices of the grid.
  public init(
    grid: PatchGrid, settings: MergeSettings, channels: Int = 1,
    into memory: UnsafeMutableBufferPointer<Scalar>
  ) throws(VoxtileError) {
    try grid.checkMemory(of: memory.count, channels: channels)
    merger = try PatchMerger(
      grid: grid, settings: settings, sink: .memory(DisjointOutput(memory), channels: channels))
  }

  /// Adds one patch, as ``PatchMerger/add(_:at:)`` does.
  public func add(_ volume: some AnyVolume, at patch: Patch) throws { try merger.add(volume, at: patch) }

  /// Makes sure that every patch has come, which means that the memory is set.
  ///
  /// - Throws: as ``PatchMerger/checkComplete()``.
  public func checkComplete() throws(VoxtileError) { try merger.checkComplete() }
}

extension PatchGrid {
  /// Throws where memory has not the size of a merged image.
  func checkMemory(of count: Int, channels: Int) throws(VoxtileError) {
    let needed = extent.voxelCount.multipliedReportingOverflow(by: channels)
    guard channels >= 1, !needed.overflow, needed.partialValue == count else {
      throw VoxtileError(
        .shapeMismatch,
        "\(channels) channels of \(extent) voxels do not fit memory for \(count) values",
        context: .init(expected: "\(needed.partialValue)", found: "\(count)"))
    }
  }

  /// The most patches that a merger holds at a time, if they come layer by layer (``PatchOrder/xFastest``).
  ///
  /// - Complexity: O(number of layers times its logarithm).
  public var maxPatchesHeldByMerger: Int { MergeSchedule(self).maxHeldPatches }
}
