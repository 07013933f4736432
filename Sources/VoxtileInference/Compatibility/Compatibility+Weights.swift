import Voxtile

extension Compatibility {
  /// The most voxels of a patch whose window is written out voxel by voxel (4 GiB of weights).
  static let maxWindowVoxels = 1 << 30

  /// How much the system lets each voxel of a patch count.
  ///
  /// - Parameter grid: a grid of ``grid(over:patch:overlap:)-(_,_,PerAxis<Overlap>?)`` of the same mode. Of any other one the patch
  ///   size is used (and by ``torchIOCrop`` the overlap that the grid names).
  /// - Throws: `VoxtileError.Code.invalidGrid` for a patch of more than 2^30 voxels where the window is no product of
  ///   three profiles (``monai``, ``nnUNet``, ``nnUNetHalf``).
  /// - Complexity: O(voxels of a patch) for ``monai`` and ``nnUNet``, else O(voxels along the three axes of
  ///   all patches).
  public func weights(for grid: PatchGrid) throws(VoxtileError) -> PatchWeights {
    switch self {
    case .monaiConstant, .torchIOAverage, .tutorial:
      return try PatchWeights(profile: .uniform, grid: grid)
    case .torchIOHann:
      return try PatchWeights(profile: .hann, grid: grid)
    case .patchly:
      return try PatchWeights(
        profile: BlendProfile("patchly") { length, _ in PeerWindow.patchlyProfile(length) }, grid: grid)
    case .torchIOCrop:
      return .product(grid.axes.map { _, tiling in trimmedOwnership(of: tiling) })
    case .monai:
      return .dense(PeerWindow.monai(try windowSize(of: grid)))
    case .nnUNet, .nnUNetHalf:
      return .dense(PeerWindow.nnUNet(try windowSize(of: grid)))
    }
  }

  private func windowSize(of grid: PatchGrid) throws(VoxtileError) -> Extent {
    let size = grid.patch
    guard let voxels = size.voxelCountIfRepresentable, voxels <= Self.maxWindowVoxels else {
      throw VoxtileError(
        .invalidGrid,
        "the window of '\(self)' for a patch of \(size) has more than \(Self.maxWindowVoxels) weights; "
          + "use a smaller patch",
        context: .init(expected: "<= \(Self.maxWindowVoxels) voxels", found: "\(size)"))
    }
    return size
  }

  /// TorchIO's crop: each patch loses half the overlap at every end that is not an end of the image, and
  /// overwrites what earlier patches have written. Weights are 1 for the patch that wrote last, else 0.
  private func trimmedOwnership(of tiling: AxisTiling) -> [[Double]] {
    let margin = tiling.overlap / 2
    var owners = [Int?](repeating: nil, count: tiling.length)
    for index in 0..<tiling.count {
      let range = tiling.range(at: index)
      let first = range.lowerBound > 0 ? range.lowerBound + margin : range.lowerBound
      let end = range.upperBound == tiling.length ? range.upperBound : range.upperBound - margin
      for voxel in (first..<max(first, end)).clamped(to: 0..<tiling.length) { owners[voxel] = index }
    }
    return (0..<tiling.count).map { index in
      tiling.range(at: index).map { owners.indices.contains($0) && owners[$0] == index ? 1 : 0 }
    }
  }
}
