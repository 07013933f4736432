import Voxtile

/// How far a network looks, and by what it may be moved: with both, patches give the values of the whole scan.
///
/// A network of convolutions and poolings gives the same values for a moved image, moved as far, where it is moved by a multiple of its
/// **total stride** (2 for each halving, so 8 after three). What it says of a voxel depends on voxels within its **receptive radius**
/// alone. A patch therefore gives the values of the whole scan where it begins at a multiple of the stride, for voxels that are further
/// than the radius from its inner faces, which are those inside the scan.
///
/// Networks that look at the whole patch, with an instance normalization or attention, have neither.
public struct NetworkReach: Hashable, Sendable {
  /// By what the network may be moved, in voxels along the axes of its image.
  public var stride: PerAxis<Int>
  /// How far it looks, in voxels along the axes of its image, the farther side of both. Where it was measured, it is what the noise has
  /// shown: at least so far.
  public var radius: PerAxis<Int>

  /// Creates a reach.
  public init(stride: PerAxis<Int>, radius: PerAxis<Int>) { (self.stride, self.radius) = (stride, radius) }
}

extension InferenceSettings {
  /// Uses of each patch only what lies further from its inner faces than a network looks.
  ///
  /// Neighbors then share twice as much, and a voxel is that of the patch whose center is nearest. Along an axis that one patch covers,
  /// nothing is shared. Where there is no alignment, it becomes 1.
  ///
  /// - Parameter halo: how far the network looks, in voxels along the axes of its image (``NetworkReach/radius``).
  public mutating func useOnlyVoxels(beyond halo: PerAxis<Int>) {
    overlap = halo.map { _, width in .voxels(2 * width) }
    blend = .center
    alignment = alignment ?? PerAxis(1)
  }
}

extension VoxtileError {
  static var alignedMargin: VoxtileError {
    VoxtileError(
      .invalidOption,
      "the model predicts only the middle of its patch, which cannot be aligned", remedy: .leaveAlignment,
      context: .init(found: "a margin"))
  }
}

extension PatchPipeline {
  /// The patch, no longer than the scan padded to the alignment, where the model takes any size: what is padded beyond that would change
  /// values.
  func shortened(_ patch: Extent, over extent: Extent) -> Extent {
    guard let alignment = settings.alignment else { return patch }
    return Extent(
      patch.sizes.map { axis, size in
        let unit = max(1, alignment[axis])
        guard fixedPatch[axis] == nil, size.isMultiple(of: unit) else { return size }
        return min(size, (extent[axis] + unit - 1) / unit * unit)
      })
  }

  /// The tilings whose patches begin at multiples of the alignment; the scan is padded at its end.
  ///
  /// - Throws: `VoxtileError.Code.invalidGrid` where the patch is no multiple, or neighbors share too much of it.
  func alignedAxes(
    over extent: Extent, patch: Extent, overlap: PerAxis<Overlap>, by alignment: PerAxis<Int>
  ) throws(VoxtileError) -> PerAxis<AxisTiling> {
    try overlap.map { (axis, overlap) throws(VoxtileError) in
      let (length, size, unit) = (extent[axis], patch[axis], alignment[axis])
      guard unit >= 1, size.isMultiple(of: unit) else {
        let lower = unit >= 1 ? size / unit * unit : 0
        throw VoxtileError(
          .invalidGrid,
          "a patch of \(size) voxels along \(axis) cannot begin and end at multiples of \(unit)"
            + (unit >= 1
              ? "; use a patch of \(lower > 0 ? "\(lower) or " : "")\(lower + unit)"
              : ", which is not at least 1"),
          context: .init(axis: axis, expected: "a multiple of \(unit)", found: "\(size)"))
      }
      guard length > size else {
        return try AxisTiling(length: length, patch: size, overlap: 0, starts: [0], axis: axis)
      }
      var shared = 0
      if case .voxels(let count) = overlap {
        shared = count
      } else {
        shared = try overlap.voxels(patch: size, axis: axis)
      }
      let step = (size - shared) / unit * unit
      guard step > 0 else {
        throw VoxtileError(
          .invalidGrid,
          "neighbors share \(shared) voxels, or twice the halo of \(shared / 2), which leaves no step of \(unit) in a patch of \(size) along "
            + "\(axis); use a patch of at least \((shared + 2 * unit - 1) / unit * unit), or one that covers the scan",
          context: .init(axis: axis, expected: "<= \(size - unit)", found: "\(shared)"))
      }
      let last = (length - size + unit - 1) / unit * unit
      guard last / step < AxisTiling.maxPatches else {
        throw VoxtileError(
          .invalidGrid,
          "patches of \(size) that share \(shared) voxels are more than \(AxisTiling.maxPatches) along \(axis); share less",
          context: .init(axis: axis, expected: "<= \(AxisTiling.maxPatches)", found: "\(last / step + 1)"))
      }
      let starts = Array(Swift.stride(from: 0, to: last, by: step)) + [last]
      return try AxisTiling(length: length, patch: size, overlap: size - step, starts: starts, axis: axis)
    }
  }
}
