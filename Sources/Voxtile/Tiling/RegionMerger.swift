/// Merges any box of the result, from the parts of the patches over it.
///
///     let merger = try RegionMerger<Float>(grid: grid, settings: MergeSettings(blend: .gaussian))
///     let slab = try merger.merge(region, channels: 1, of: Float.self) { patch, part in
///       try load(patch, part)
///     }
///
/// It is for patches that can be read in parts, such as uncompressed files: the memory is that of the box
/// and of what the patches have over it, however large patches and result are. The values are, bit for bit,
/// those of ``PatchMerger``.
public struct RegionMerger<Scalar: VoxelScalar>: Sendable {
  private let plan: MergePlan

  /// The grid whose patches are merged.
  public var grid: PatchGrid { plan.grid }

  /// Creates a merger.
  ///
  /// - Parameters:
  ///   - grid: the grid that the patches were cut on.
  ///   - settings: the blend, the fill, and how many threads read and merge.
  /// - Throws: ``VoxtileError/Code-swift.struct/invalidOption`` where a blend profile of the caller's is not usable.
  public init(grid: PatchGrid, settings: MergeSettings) throws(VoxtileError) {
    plan = try MergePlan(grid: grid, settings: settings)
  }

  /// The patches over a box of the image, and the part of each that the box needs, in image coordinates.
  public func parts(over region: Region) -> [(patch: Patch, part: Region)] {
    plan.places(over: region).map { place in
      let patch = plan.grid.patch(at: place)
      return (patch, patch.valid.intersection(region))
    }.filter { $0.part.voxelCount > 0 }
  }

  /// Merges one box of the result.
  ///
  /// - Parameters:
  ///   - region: the box, inside the image.
  ///   - channels: values per voxel.
  ///   - type: the scalar type of the patches.
  ///   - read: gives one part of a patch, in image coordinates; called once for each of ``parts(over:)``,
  ///     from several threads.
  /// - Throws: what `read` throws, ``VoxtileError/Code-swift.struct/shapeMismatch`` where it gives another shape, and
  ///   ``VoxtileError/Code-swift.struct/malformedFile`` for a NaN where the settings do not allow any.
  /// - Precondition: the box is inside the image.
  public func merge<Value: VoxelScalar>(
    _ region: Region, channels: Int, of type: Value.Type = Value.self,
    read: @Sendable (_ patch: Patch, _ part: Region) throws -> Volume<Value>
  ) throws -> Volume<Scalar> {
    precondition(region.isInside(grid.extent), "\(region) is not inside \(grid.extent)")
    let needed = parts(over: region)
    let found = try plan.settings.jobs.mapThrowing(needed.count) { index in
      let (patch, part) = needed[index]
      let volume = try read(patch, part)
      guard volume.extent == part.extent, volume.channels == channels else {
        throw VoxtileError(
          .shapeMismatch,
          "a part of patch \(patch.index) should be \(channels) x \(part.extent), but it is "
            + "\(volume.channels) x \(volume.extent)",
          context: .init(expected: "\(part.extent)", found: "\(volume.extent)"))
      }
      if plan.settings.nan == .error {
        let count = volume.countNaN(in: Region(part.extent))
        if count > 0 { throw VoxtileError.nanInPatch(patch.index, count: count) }
      }
      return (place: patch.gridPosition, part: PlacedVolume(region: part, volume: volume))
    }
    return Gather<Value, Scalar>(PatchParts(found), plan: plan).volume(of: region, channels: channels)
  }
}
