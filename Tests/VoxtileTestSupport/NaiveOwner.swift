import Voxtile

/// Which one of the patches over a voxel gives it its value.
public enum NaiveOwnership: Sendable {
  /// The patch whose center is nearest to the voxel; of two at the same distance along an axis, the
  /// one with the lower number.
  case center
  /// The patch with the highest index, as if each patch overwrote those before.
  case last
}

/// The number of the patch that owns each voxel, in memory order; `nil` where there is none.
///
/// - Parameters:
///   - extent: the size of the image.
///   - regions: the boxes of the patches, padding included; their centers are those of the whole
///     boxes.
///   - ownership: the rule.
public func naiveOwners(extent: Extent, regions: [Region], ownership: NaiveOwnership) -> [Int?] {
  extent.positions.map { voxel in
    let holders = regions.indices.filter { regions[$0].contains(voxel) }
    switch ownership {
    case .last: return holders.last
    case .center:
      // `min` gives the first of equal ones.
      return holders.min { squaredDistance(voxel, regions[$0]) < squaredDistance(voxel, regions[$1]) }
    }
  }
}

/// The value that the owner of each voxel has there, in the order `(channels, depth, height, width)`.
public func naiveOwnedMerge<Value>(
  extent: Extent, channels: Int = 1, patches: [NaivePatch<Value>], fill: Value,
  ownership: NaiveOwnership
) -> [Value] {
  let owners = naiveOwners(extent: extent, regions: patches.map(\.region), ownership: ownership)
  return (0..<channels).flatMap { channel in
    zip(extent.positions, owners).map { voxel, owner in
      owner.flatMap { patches[$0].value(over: voxel, channel: channel) } ?? fill
    }
  }
}

/// Four times the squared distance from a voxel to the center of a box: a whole number, so that equal
/// distances are equal.
private func squaredDistance(_ voxel: Position, _ region: Region) -> Int {
  [Axis.x, .y, .z].reduce(0) { sum, axis in
    let twice = 2 * (voxel[axis] - region.origin[axis]) - (region.extent[axis] - 1)
    return sum + twice * twice
  }
}
