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
  private let jobs: Jobs

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
    let merger = try PatchMerger<Scalar>(
      grid: grid, settings: settings, sink: .memory(DisjointOutput(memory), channels: channels))
    self.init(merger: merger, jobs: settings.jobs)
  }

  private init(merger: consuming PatchMerger<Scalar>, jobs: Jobs) {
    self.merger = merger
    self.jobs = jobs
  }

  /// Adds one patch, as ``PatchMerger/add(_:at:)`` does.
  public func add(_ volume: some AnyVolume, at patch: Patch) throws { try merger.add(volume, at: patch) }

  /// A patch that is merged, whose memory can take another one, as ``PatchMerger/takeSpent()`` gives it.
  public func takeSpent<Value: VoxelScalar>() -> Volume<Value>? { merger.takeSpent() }

  /// Adds one patch, whose values are copied.
  ///
  /// - Parameters:
  ///   - values: the values of the patch, in memory of the caller's.
  ///   - channels: values per voxel.
  ///   - layout: how they lie there.
  ///   - patch: the patch of ``grid`` they belong to.
  /// - Throws: as ``add(_:at:)``, and ``VoxtileError/Code-swift.struct/shapeMismatch`` where the values end too early.
  /// - Complexity: O(voxels of the patch), on as many threads as the settings say where it has more than a megabyte.
  public func add<Value: VoxelScalar>(
    copying values: Span<Value>, channels: Int = 1, lying layout: BufferLayout, at patch: Patch
  ) throws {
    let extent = patch.region.extent
    try layout.check(extent, channels: channels, in: values.count)
    // Fresh memory costs more than the copy.
    var spent: Volume<Value>? = merger.takeSpent()
    let isFresh = spent?.extent != extent || spent?.channels != channels
    if isFresh { spent = nil }
    // Taken, since two references to its values would have them copied.
    var volume =
      spent.take()
      ?? Volume(
        checked: extent, channels: channels, voxels: [Value](unsetCount: extent.voxelCount * channels),
        metadata: VolumeMetadata())
    let (planes, area) = (extent.depth * channels, extent.width * extent.height)
    let isLarge = volume.voxels.count * MemoryLayout<Value>.stride >= 1 << 20
    let cutter = BoxCutter(
      image: extent, region: Region(extent), padding: .edge, step: layout.column,
      isReadSoon: isFresh || !isLarge)
    let shares = isLarge ? min(planes, jobs.count) : 1
    volume.voxels.withUnsafeMutableBufferPointer { buffer in
      guard !buffer.isEmpty else { return }
      let output = DisjointOutput(buffer)
      values.withUnsafeBufferPointer { values in
        let input = SharedInput(values)
        jobs.forEach(shares) { share in
          let part = share * planes / shares..<(share + 1) * planes / shares
          output.withPart(part.lowerBound * area..<part.upperBound * area) { target in
            if isFresh {
              target.withUnsafeMutableBufferPointer { adviseFilling(UnsafeMutableRawBufferPointer($0)) }
            }
            input.withSpan {
              cutter.cut(planes: part, from: $0, of: Region(extent), lying: layout, into: &target)
            }
          }
        }
      }
    }
    try merger.add(volume, at: patch)
  }

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

  /// A merger holds no more patches than these at a time, if they come layer by layer and row by row (``PatchOrder/xFastest``).
  ///
  /// - Complexity: O(number of layers times its logarithm and the rows of a layer).
  public var maxPatchesHeldByMerger: Int { MergeSchedule(self).maxHeldPatchesInOrder }
}
