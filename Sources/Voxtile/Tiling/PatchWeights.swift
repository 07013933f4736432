/// How much each voxel of a patch counts where patches are averaged.
///
/// The merged value of a voxel is the sum of weight times value over the patches that hold it, divided by
/// the sum of their weights; so only ratios matter. Most windows are a product of one profile per axis; those
/// of some other tools are not, because they are rounded or cut off after the multiplication.
///
///     let weights = try PatchWeights(blend: .gaussian, grid: grid)
///     weights.weight(at: Position(x: 48, y: 48, z: 48), of: grid[0])
public enum PatchWeights: Hashable, Sendable {
  /// For each axis, for each patch along it, the weight of each of the patch's voxels.
  ///
  /// A patch has weights of its own, so that one at the border of an image can differ from the others. The
  /// weight of a voxel is the product of the three weights along its axes.
  case product(PerAxis<[[Double]]>)
  /// One weight for each voxel of a patch, of shape `(depth, height, width)`, the same for every patch.
  case dense([Float])

  /// The weights of a profile.
  ///
  /// - Throws: ``VoxtileError/Code-swift.struct/invalidOption`` where a profile of the caller's gives weights that are not
  ///   usable, or no weight at all to a voxel that some patch holds.
  /// - Complexity: O(patches along each axis times their length).
  public init(profile: BlendProfile, grid: PatchGrid) throws(VoxtileError) {
    self = .product(
      try grid.axes.map { (axis, tiling) throws(VoxtileError) in
        try AxisWeights(of: tiling, axis: axis, blend: .mean(profile)).weights
      })
  }

  /// The weights of a blend that is a mean, or that takes each voxel from one patch: the owner of a voxel
  /// then weighs 1, the others 0.
  ///
  /// - Throws: ``VoxtileError/Code-swift.struct/invalidOption`` for ``Blend/majority(_:)`` and ``Blend/maximum``, which no weights
  ///   express, and as ``init(profile:grid:)``.
  /// - Complexity: O(patches along each axis times their length).
  public init(blend: Blend, grid: PatchGrid) throws(VoxtileError) {
    switch blend {
    case .mean(let profile):
      try self.init(profile: profile, grid: grid)
    case .center, .last:
      self = .product(
        grid.axes.map { _, tiling in Self.ownership(of: tiling, runs: tiling.owners(by: blend)) })
    case .majority, .maximum:
      throw VoxtileError(
        .invalidOption,
        "blend '\(blend)' has no weights; use "
          + Blend.all.filter(\.hasWeights).map(\.name).joined(separator: ", "),
        context: .init(expected: "weights", found: "\(blend)"))
    }
  }

  /// Weights of 1 in the runs that a patch owns and 0 elsewhere.
  private static func ownership(
    of tiling: AxisTiling, runs: [AxisRun<Int>]
  ) -> [[Double]] {
    var weights = (0..<tiling.count).map { [Double](repeating: 0, count: tiling.range(at: $0).count) }
    for run in runs {
      let start = tiling.starts[run.value]
      for coordinate in run.range { weights[run.value][coordinate - start] = 1 }
    }
    return weights
  }

  /// The weight of one voxel of one patch.
  ///
  /// - Parameters:
  ///   - offset: the place of the voxel, counted from the first voxel of the patch.
  ///   - patch: the patch of the grid that the weights were made for.
  /// - Precondition: the patch holds the voxel.
  public func weight(at offset: Position, of patch: Patch) -> Double {
    switch self {
    case .product(let axes):
      let place = patch.gridPosition
      return axes.x[place.x][offset.x] * axes.y[place.y][offset.y] * axes.z[place.z][offset.z]
    case .dense(let weights):
      let size = patch.region.extent
      return Double(weights[(offset.z * size.height + offset.y) * size.width + offset.x])
    }
  }

  /// Throws unless the weights fit a grid and a merge can divide by their sums.
  ///
  /// - Throws: ``VoxtileError/Code-swift.struct/shapeMismatch`` where there are not as many weights as the grid has voxels along an
  ///   axis, or in a patch, or ``dense(_:)`` meets patches of several sizes; ``VoxtileError/Code-swift.struct/invalidOption`` for a weight that is negative or not finite, for a
  ///   voxel that only weights of 0 hold, and for a weight of 0 among ``dense(_:)`` ones.
  /// - Complexity: O(number of weights).
  public func check(for grid: PatchGrid) throws(VoxtileError) {
    _ = try axisWeights(for: grid)
  }

  /// The weights of each axis with their sums, checked as ``check(for:)`` does; `nil` where they are no product.
  package func axisWeights(for grid: PatchGrid) throws(VoxtileError) -> PerAxis<AxisWeights>? {
    switch self {
    case .product(let axes):
      return try axes.map { (axis, weights) throws(VoxtileError) in
        try AxisWeights(weights, of: grid.axes[axis], axis: axis)
      }
    case .dense(let weights):
      guard grid.axes.all.allSatisfy({ $0.patchVoxels == $0.count * $0.patch }) else {
        throw VoxtileError(
          .shapeMismatch,
          "patches of several sizes (edge policy partial) have no one set of weights; use a product of profiles"
        )
      }
      guard weights.count == grid.patch.voxelCount else {
        throw .weightCountMismatch(weights.count, expected: grid.patch.voxelCount, axis: nil)
      }
      if let wrong = weights.first(where: { !($0 > 0 && $0.isFinite) }) {
        throw .unusableWeight(Double(wrong), expected: "> 0", axis: nil)
      }
      return nil
    }
  }
}

extension VoxtileError {
  static func weightCountMismatch(_ count: Int, expected: Int, axis: Axis?) -> VoxtileError {
    VoxtileError(
      .shapeMismatch,
      "there are \(count) weights\(axis.map { " along \($0)" } ?? " for a patch") where the grid needs "
        + "\(expected); make the weights for this grid",
      context: .init(axis: axis, expected: "\(expected)", found: "\(count)"))
  }

  static func unusableWeight(_ weight: Double, expected: String, axis: Axis?) -> VoxtileError {
    VoxtileError(
      .invalidOption,
      "a patch weight\(axis.map { " along \($0)" } ?? "") is \(weight); weights are finite and \(expected)",
      context: .init(axis: axis, expected: expected, found: "\(weight)"))
  }
}
