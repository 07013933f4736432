import Voxtile

/// The part that each patch has in the value of a voxel.
///
/// Where weights are a product and every voxel has all of its patches, the sum of the weights over a voxel is a
/// product of three sums along the axes, so each weight is divided by its axis's sum beforehand: shares add up to 1
/// and there is nothing left to divide. Otherwise the weights are summed beside the values, as one more channel.
enum PatchShares: Hashable, Sendable {
  /// For each axis, for each patch along it, the shares of its voxels.
  case product(PerAxis<[[Float]]>)
  /// For each axis, for each patch along it, the weights of its voxels; not divided.
  case unsummedProduct(PerAxis<[[Float]]>)
  /// The weights of all voxels of a patch, of shape `(depth, height, width)`; not divided.
  case dense([Float])

  /// Whether the sum of the weights has to be kept.
  var needsSums: Bool {
    if case .product = self { false } else { true }
  }

  /// Divides weights by their sums, where those are known beforehand.
  ///
  /// - Parameter isComplete: whether every patch of the grid will be added, and every voxel is in one.
  init(_ weights: PatchWeights, grid: PatchGrid, isComplete: Bool) throws(VoxtileError) {
    let sums = try weights.axisWeights(for: grid)
    switch weights {
    case .product(let axes):
      let factors = isComplete ? sums?.map { _, axis in axis.shares } ?? axes : axes
      let narrow = factors.map { _, patches in patches.map { $0.map(Float.init) } }
      self = isComplete ? .product(narrow) : .unsummedProduct(narrow)
    case .dense(let values):
      self = .dense(values)
    }
  }

  /// The shares of one slice of a patch, of a run of its rows.
  func slice(_ slice: Int, rows: Range<Int>, of patch: Patch) -> SliceShares {
    let place = patch.gridPosition
    switch self {
    case .product(let axes), .unsummedProduct(let axes):
      let z = axes.z[place.z][slice]
      return SliceShares(
        columns: axes.x[place.x], start: 0, stride: 0, rows: axes.y[place.y][rows].map { $0 * z })
    case .dense(let values):
      let size = patch.region.extent
      return SliceShares(
        columns: values, start: (slice * size.height + rows.lowerBound) * size.width, stride: size.width,
        rows: [Float](repeating: 1, count: rows.count))
    }
  }
}

/// The shares of some rows of a slice: a share for each column, times one for each row.
struct SliceShares {
  /// The shares of the columns of the first row from `start` on, and of the next rows a stride further each.
  let columns: [Float]
  let start: Int
  let stride: Int
  /// The share of each row.
  let rows: [Float]
}
