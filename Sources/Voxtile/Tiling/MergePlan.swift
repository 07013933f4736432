/// All that is known of a merge before the first patch: the grid, the weights, the settings.
///
/// A class, since every box asks for it: counting the references to all its arrays would cost as much as merging a box.
final class MergePlan: Sendable {
  let grid: PatchGrid
  let settings: MergeSettings
  let axes: PerAxis<AxisWeights>
  /// The runs that one patch owns, for blends that take each voxel from one patch; else none.
  let owners: PerAxis<[AxisRun<Int>]>
  /// Whether sums are divided, not multiplied by a reciprocal: where weights are whole numbers, so that a mean can lie just
  /// between two integers, and the reciprocals are not exact.
  let divides: Bool

  /// The patches that will not come.
  let absent: AbsentPatches

  var blend: Blend { settings.blend }

  /// Whether the lowest of labels with equal votes wins, as in version 0.1.
  var lowestLabelWinsTies: Bool { blend.profile?.isUniform == true }

  /// - Throws: ``VoxtileError/Code-swift.struct/invalidOption`` where a blend profile of the caller's is not usable;
  ///   ``VoxtileError/Code-swift.struct/missingPatch`` where every patch is absent.
  /// - Precondition: every absent patch is one of the grid's.
  init(grid: PatchGrid, settings: MergeSettings) throws(VoxtileError) {
    guard settings.absentPatches.count < grid.count else {
      throw VoxtileError(
        .missingPatch, "all \(grid.count) patches are absent; a merge needs at least one",
        context: .init(expected: "at least 1 patch", found: "none"))
    }
    self.grid = grid
    self.settings = settings
    absent = AbsentPatches(settings.absentPatches, of: grid)
    let blend = settings.blend
    let axes = try grid.axes.map { (axis, tiling) throws(VoxtileError) in
      try AxisWeights(of: tiling, axis: axis, blend: blend)
    }
    let least = axes.all.reduce(1.0) { product, axis in
      product * (axis.sums.lazy.filter { $0 > 0 }.min() ?? 1)
    }
    guard least >= .leastNormalMagnitude else {
      throw VoxtileError(
        .invalidOption,
        "blend profile '\(blend.profile?.name ?? "")' weighs some voxels less than can be divided by; "
          + "use weights of at least 1e-100",
        context: .init(expected: ">= 1e-100", found: "\(least)"))
    }
    self.axes = axes
    owners = grid.axes.map { _, tiling in blend.isChoice ? tiling.owners(by: blend) : [] }
    divides = axes.all.allSatisfy(\.hasWholeWeights) && !axes.all.allSatisfy(\.reciprocalsAreExact)
  }

  /// The weight of a patch at one of its coordinates.
  func weight(at coordinate: Int, along axis: Axis, ofPatch patch: Int) -> Double {
    axes[axis].weights[patch][coordinate - grid.axes[axis].starts[patch]]
  }

  /// The share of a patch in a mean at one of its coordinates.
  func share(at coordinate: Int, along axis: Axis, ofPatch patch: Int) -> Double {
    axes[axis].shares[patch][coordinate - grid.axes[axis].starts[patch]]
  }

  /// The places in the grid of the patches over a box that are not absent, in the order in which values are added.
  func places(over region: Region) -> [Position] {
    PerAxis(
      x: axes.x.patches(over: region.x), y: axes.y.patches(over: region.y),
      z: axes.z.patches(over: region.z)
    ).gridPlaces.filter { !absent.contains($0) }
  }
}
