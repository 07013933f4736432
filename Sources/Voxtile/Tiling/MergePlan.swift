/// All that is known of a merge before the first patch: the grid, the weights, the settings.
struct MergePlan: Sendable {
  let grid: PatchGrid
  let settings: MergeSettings
  let axes: PerAxis<AxisWeights>
  /// The runs that one patch owns, for blends that take each voxel from one patch; else none.
  let owners: PerAxis<[AxisRun<Int>]>
  /// Whether sums are divided, not multiplied by a reciprocal: where weights are whole numbers, so that a mean can lie just
  /// between two integers, and the reciprocals are not exact.
  let divides: Bool

  var blend: Blend { settings.blend }

  /// - Throws: ``VoxtileError/Code-swift.struct/invalidOption`` where a blend profile of the caller's is not usable.
  init(grid: PatchGrid, settings: MergeSettings) throws(VoxtileError) {
    self.grid = grid
    self.settings = settings
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

  /// The places in the grid of the patches over a box, in the order in which values are added.
  func places(over region: Region) -> [Position] {
    axes.z.patches(over: region.z).flatMap { z in
      axes.y.patches(over: region.y).flatMap { y in
        axes.x.patches(over: region.x).map { x in Position(x: x, y: y, z: z) }
      }
    }
  }
}
