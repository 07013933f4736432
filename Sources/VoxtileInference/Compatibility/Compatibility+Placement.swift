import Voxtile

extension Compatibility {
  /// MONAI's step: the fraction of the patch that is not shared, cut to whole voxels, and at least one.
  func monaiInterval(length: Int, patch: Int, overlap: Overlap) -> Int {
    if patch >= length { return patch }
    return switch overlap {
    case .voxels(let shared): patch - shared
    case .fraction(let part): max(1, Int(Double(patch) * (1 - part)))
    }
  }

  /// nnU-Net's tiling: as many patches as a real step of `patch * tile_step_size` needs, spread evenly.
  func nnUNetTiling(
    length: Int, patch: Int, overlap: Overlap, axis: Axis
  ) throws(VoxtileError) -> AxisTiling {
    let room = length - patch
    // The planar configuration has no step along the slices: it runs every one.
    let step: Double =
      switch overlap {
      case _ where patch == 1: 1
      case .voxels(let shared): Double(patch - shared)
      case .fraction(let part): Double(patch) * stepFraction(overlap: part)
      }
    let nominal = patch - max(1, Int(step))
    guard room > 0 else {
      return try AxisTiling(
        length: length, patch: patch, overlap: nominal, starts: [-(-room / 2)], axis: axis)
    }
    guard step >= 1 else { throw .stepBelowOneVoxel(step, patch: patch, axis: axis) }
    let last = Int((Double(room) / step).rounded(.up))
    try checkCount(last + 1, axis: axis)
    // The same operations in the same precision: at ties, the rounding of this product decides.
    let spread = Double(room) / Double(last)
    let starts = (0...last).map { Int((spread * Double($0)).rounded(.toNearestOrEven)) }
    return try AxisTiling(length: length, patch: patch, overlap: nominal, starts: starts, axis: axis)
  }

  /// Patchly's tiling: a regular step, from which each start takes the same whole number of voxels more
  /// than the one before, and the last one the remainder.
  func squeezedTiling(
    length: Int, patch: Int, overlap: Int, axis: Axis
  ) throws(VoxtileError) -> AxisTiling {
    let (room, step) = (length - patch, patch - overlap)
    let last = (room + step - 1) / step
    try checkCount(last + 1, axis: axis)
    let excess = last * step - room
    var starts = (0...last).map { $0 * (step - (last == 0 ? 0 : excess / last)) }
    starts[last] = room
    return try AxisTiling(length: length, patch: patch, overlap: overlap, starts: starts, axis: axis)
  }

  /// `tile_step_size` for an overlap: `1 - overlap`, as a person would have written it.
  ///
  /// 1 - 0.9 is 0.09999999999999998 in floating point, and one patch more than 0.1 gives.
  private func stepFraction(overlap: Double) -> Double {
    let difference = 1 - overlap
    let decimal = (difference * 1e15).rounded() / 1e15
    return abs(decimal - difference) < 1.5e-16 ? decimal : difference
  }

  private func checkCount(_ count: Int, axis: Axis) throws(VoxtileError) {
    guard count <= AxisTiling.maxPatches else {
      throw VoxtileError(
        .invalidGrid,
        "'\(self)' makes \(count) patches along \(axis), more than \(AxisTiling.maxPatches); "
          + "use a larger patch or a smaller overlap",
        context: .init(axis: axis, expected: "<= \(AxisTiling.maxPatches)", found: "\(count)"))
    }
  }
}

extension VoxtileError {
  static func stepBelowOneVoxel(_ step: Double, patch: Int, axis: Axis) -> VoxtileError {
    VoxtileError(
      .invalidGrid,
      "the overlap leaves a step of \(step) voxels along \(axis) for a patch of \(patch), with which nnU-Net runs "
        + "the same patch several times; use a smaller overlap or a larger patch",
      context: .init(axis: axis, expected: ">= 1", found: "\(step)"))
  }
}
