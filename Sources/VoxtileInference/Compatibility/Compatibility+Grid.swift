import Voxtile

extension Compatibility {
  /// The patches that the system cuts from an image.
  ///
  /// - Parameters:
  ///   - extent: the size of the image in voxels.
  ///   - patch: the size of a patch in voxels. With MONAI, 0 means the whole axis.
  ///   - overlap: what neighbors share, one value for each axis; by default what the system has
  ///     (``defaultOverlap``), and nothing along an axis where the patch is one voxel thick. Where the system
  ///     takes a fraction, voxels fix the step; where it takes voxels, a fraction is rounded up to them.
  /// - Throws: `VoxtileError.Code.invalidGrid` for what the system refuses: an image smaller than the patch where
  ///   it does not pad, TorchIO's odd overlaps; for an overlap that makes nnU-Net run a patch twice; and as
  ///   `PatchGrid.init(over:settings:)`.
  /// - Complexity: O(patches along the three axes), added, not multiplied.
  public func grid(
    over extent: Extent, patch: Extent, overlap: PerAxis<Overlap>? = nil
  ) throws(VoxtileError) -> PatchGrid {
    let patch = wholeAxes(of: patch, over: extent)
    let overlap = overlap ?? PerAxis(defaultOverlap, patch: patch)
    let axes = try overlap.map { (axis, overlap) throws(VoxtileError) in
      try tiling(length: extent[axis], patch: patch[axis], overlap: overlap, axis: axis)
    }
    let settings = GridSettings(
      patch: patch, overlap: axes.map { _, tiling in .voxels(tiling.overlap) },
      edge: axes.map { axis, _ in extent[axis] < patch[axis] ? .pad(.both) : edge },
      padding: padding, order: order(over: extent))
    return try PatchGrid(over: extent, settings: settings, axes: axes)
  }

  /// The patches that the system cuts from an image, with one overlap for all axes.
  ///
  /// - Parameters:
  ///   - extent: the size of the image in voxels.
  ///   - patch: the size of a patch in voxels.
  ///   - overlap: what neighbors share; nothing along an axis where the patch is one voxel thick.
  /// - Throws: as ``grid(over:patch:overlap:)``.
  public func grid(
    over extent: Extent, patch: Extent, overlap: Overlap
  ) throws(VoxtileError) -> PatchGrid {
    try grid(over: extent, patch: patch, overlap: PerAxis(overlap, patch: wholeAxes(of: patch, over: extent)))
  }

  /// The policy that comes nearest to the placement where the image is not smaller than the patch.
  private var edge: EdgePolicy {
    switch self {
    case .monai, .monaiConstant, .torchIOCrop, .torchIOAverage, .torchIOHann: .shift
    case .nnUNet, .nnUNetHalf, .patchly: .balance
    case .tutorial: .discard
    }
  }

  /// The patch with MONAI's zeros replaced by the size of the image.
  private func wholeAxes(of patch: Extent, over extent: Extent) -> Extent {
    switch self {
    case .monai, .monaiConstant: Extent(patch.sizes.map { axis, size in size == 0 ? extent[axis] : size })
    default: patch
    }
  }

  private func tiling(
    length: Int, patch: Int, overlap: Overlap, axis: Axis
  ) throws(VoxtileError) -> AxisTiling {
    try AxisTiling.check(length, of: "image", axis: axis)
    try AxisTiling.check(patch, of: "patch", axis: axis)
    let shared = try overlap.voxels(patch: patch, axis: axis)
    guard length >= patch || padsSmallImages else {
      throw .patchExceedsImage(patch, image: length, mode: self, axis: axis)
    }
    switch self {
    case .monai, .monaiConstant:
      let interval = monaiInterval(length: length, patch: patch, overlap: overlap)
      return try AxisTiling(
        length: length, patch: patch, overlap: .voxels(patch - interval),
        edge: length < patch ? .pad(.both) : .shift, axis: axis)
    case .nnUNet, .nnUNetHalf:
      return try nnUNetTiling(length: length, patch: patch, overlap: overlap, axis: axis)
    case .torchIOCrop, .torchIOAverage, .torchIOHann:
      guard shared.isMultiple(of: 2) else { throw .oddOverlap(shared, mode: self, axis: axis) }
      return try AxisTiling(length: length, patch: patch, overlap: .voxels(shared), edge: .shift, axis: axis)
    case .patchly:
      return try squeezedTiling(length: length, patch: patch, overlap: shared, axis: axis)
    case .tutorial:
      return try AxisTiling(
        length: length, patch: patch, overlap: .voxels(shared), edge: .discard, axis: axis)
    }
  }
}

extension VoxtileError {
  static func patchExceedsImage(
    _ patch: Int, image: Int, mode: Compatibility, axis: Axis
  ) -> VoxtileError {
    VoxtileError(
      .invalidGrid,
      "patch \(axis.sizeName) \(patch) exceeds image \(axis.sizeName) \(image), which '\(mode)' does not pad; "
        + "use a patch \(axis.sizeName) of at most \(image), or 'monai' or 'nnunet'",
      context: .init(axis: axis, expected: "<= \(image)", found: "\(patch)"))
  }

  static func oddOverlap(_ overlap: Int, mode: Compatibility, axis: Axis) -> VoxtileError {
    VoxtileError(
      .invalidGrid,
      "overlap \(overlap) along \(axis) is odd, and '\(mode)' cuts half of it from either patch; "
        + "use \(overlap - 1) or \(overlap + 1)",
      context: .init(axis: axis, expected: "an even number", found: "\(overlap)"))
  }
}
