/// All patches over one image, as a collection that computes each patch when it is asked for.
///
///     let grid = try PatchGrid(
///       over: Extent(width: 10, height: 10), patch: Extent(width: 3, height: 3),
///       overlap: .voxels(1))
///     grid.count            // 25
///     grid[1].region        // 3x3 at (2, 0, 0)
///
/// A grid holds three ``AxisTiling``s and no voxels: it costs the same for a thumbnail and for a
/// scan of a terabyte.
public struct PatchGrid: Hashable, Sendable {
  /// The size of the image.
  public let extent: Extent
  /// What the grid was made from.
  public let settings: GridSettings
  /// The tiling of each axis.
  public let axes: PerAxis<AxisTiling>
  /// The number of patches along each axis.
  public let counts: PerAxis<Int>
  /// The number of patches.
  public let count: Int

  /// Lays a grid over an image.
  ///
  /// - Parameters:
  ///   - extent: the size of the image in voxels, at least 1 along each axis.
  ///   - settings: patch, overlap, edge policies, padding and order.
  /// - Throws: ``VoxtileError/Code-swift.struct/invalidGrid`` where a size is below 1, an overlap is not less than its
  ///   patch, the image is smaller than the patch under ``EdgePolicy/shift``,
  ///   ``EdgePolicy/discard`` or ``EdgePolicy/balance``, or the number of patches, of voxels, or of
  ///   voxels in all patches overflows.
  /// - Complexity: O(patches along the three axes), added, not multiplied.
  public init(over extent: Extent, settings: GridSettings) throws(VoxtileError) {
    let axes = try settings.overlap.map { (axis, overlap) throws(VoxtileError) in
      try AxisTiling(
        length: extent[axis], patch: settings.patch[axis], overlap: overlap,
        edge: settings.edge[axis], axis: axis)
    }
    try self.init(over: extent, settings: settings, axes: axes)
  }

  /// Makes a grid of tilings that are given, for a placement that no ``EdgePolicy`` describes.
  ///
  /// - Parameters:
  ///   - extent: the size of the image in voxels.
  ///   - settings: what comes nearest to the tilings, for people to read; its padding and order count.
  ///   - axes: the tiling of each axis, over an image of this extent.
  /// - Throws: ``VoxtileError/Code-swift.struct/invalidGrid`` where a tiling is over another length than the extent's, the
  ///   padding constant is not finite, or the number of patches, of voxels, or of voxels in all patches
  ///   overflows.
  /// - Complexity: O(patches along the three axes), added, not multiplied.
  public init(
    over extent: Extent, settings: GridSettings, axes: PerAxis<AxisTiling>
  ) throws(VoxtileError) {
    if case .constant(let value) = settings.padding, !value.isFinite {
      throw VoxtileError(
        .invalidGrid, "the padding constant is \(value); it must be a finite number",
        context: .init(expected: "a finite number", found: "\(value)"))
    }
    for axis in Axis.allCases where axes[axis].length != extent[axis] {
      throw VoxtileError(
        .invalidGrid,
        "the tiling along \(axis) is over \(axes[axis].length) voxels, the image \(axis.sizeName) is "
          + "\(extent[axis]); make the tiling for this image",
        context: .init(axis: axis, expected: "\(extent[axis])", found: "\(axes[axis].length)"))
    }
    self.extent = extent
    self.settings = settings
    self.axes = axes
    counts = axes.map { _, tiling in tiling.count }
    // Everything that is counted later, by a coverage for example, is known to fit from here on.
    let patchVoxels = Extent(axes.map { _, tiling in tiling.patchVoxels })
    guard let count = Extent(counts).voxelCountIfRepresentable,
      patchVoxels.voxelCountIfRepresentable != nil, extent.voxelCountIfRepresentable != nil
    else {
      throw VoxtileError(
        .invalidGrid,
        "\(counts.x) x \(counts.y) x \(counts.z) patches over \(extent) are too many voxels to count; "
          + "use a smaller overlap or a smaller image")
    }
    self.count = count
  }

  /// Lays a grid over an image, with one overlap and one edge policy for all axes.
  ///
  /// - Parameters:
  ///   - extent: the size of the image in voxels.
  ///   - patch: the size of a patch in voxels.
  ///   - overlap: what neighbors share; nothing along an axis where the patch is one voxel thick.
  ///   - edge: what happens where the grid does not fit. The default loses nothing.
  ///   - padding: how missing voxels are made, where `edge` is ``EdgePolicy/pad(_:)``.
  ///   - order: how patches are numbered.
  /// - Throws: as ``init(over:settings:)``.
  public init(
    over extent: Extent, patch: Extent, overlap: Overlap, edge: EdgePolicy = .shift,
    padding: Padding = .constant(0), order: PatchOrder = .xFastest
  ) throws(VoxtileError) {
    try self.init(
      over: extent,
      settings: GridSettings(
        patch: patch, overlap: overlap, edge: edge, padding: padding, order: order))
  }

  /// The size of a patch; smaller than asked for where ``EdgePolicy/partial`` met a smaller image.
  public var patch: Extent { Extent(axes.map { _, tiling in tiling.patch }) }

  /// Voxels from one regular patch to the next, along each axis.
  public var stride: PerAxis<Int> { axes.map { _, tiling in tiling.stride } }

  /// The patch at a place of the grid, counted in patches along each axis.
  ///
  /// - Precondition: the place exists.
  public func patch(at position: Position) -> Patch {
    func region(_ range: (AxisTiling, Int) -> Range<Int>) -> Region {
      Region(
        x: range(axes.x, position.x), y: range(axes.y, position.y), z: range(axes.z, position.z))
    }
    return Patch(
      index: settings.order.index(of: position, counts: counts), gridPosition: position,
      region: region { $0.range(at: $1) }, valid: region { $0.validRange(at: $1) },
      padding: settings.padding)
  }

  /// How many patches hold each voxel, and what is lost.
  public var coverage: Coverage { Coverage(of: self) }
}

extension PatchGrid: RandomAccessCollection {
  /// The number of the first patch, 0.
  public var startIndex: Int { 0 }
  /// The number of patches.
  public var endIndex: Int { count }

  /// The patch with a number.
  ///
  /// - Precondition: `index` is in `0..<count`.
  /// - Complexity: O(1).
  public subscript(index: Int) -> Patch {
    precondition(indices.contains(index), "patch \(index) is not in a grid of \(count) patches")
    return patch(at: settings.order.position(of: index, counts: counts))
  }
}
