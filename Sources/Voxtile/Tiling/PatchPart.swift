/// A patch's voxels, or as many of them as a merge needs just now.
struct PatchPart<Value: VoxelScalar>: Sendable {
  /// The patch.
  let patch: Patch
  /// The box of the image whose voxels are at hand.
  let region: Region
  /// The voxels.
  let volume: Volume<Value>

  /// Where a voxel of the image is in the volume's memory.
  func offset(of voxel: Position, channel: Int) -> Int {
    let place = voxel - region.origin
    return ((channel * region.extent.depth + place.z) * region.extent.height + place.y)
      * region.extent.width + place.x
  }

  /// The value over a voxel of the image.
  func value(at voxel: Position, channel: Int) -> Value {
    volume.voxels[offset(of: voxel, channel: channel)]
  }
}

/// The parts of patches at hand, found by their place in the grid.
struct PatchParts<Value: VoxelScalar>: Sendable {
  private let counts: PerAxis<Int>
  private var parts: [Int: PatchPart<Value>] = [:]

  init(_ parts: [PatchPart<Value>], of grid: PatchGrid) {
    counts = grid.counts
    for part in parts { self.parts[number(of: part.patch.gridPosition)] = part }
  }

  /// The part of one patch.
  ///
  /// - Precondition: it is at hand.
  subscript(place: Position) -> PatchPart<Value> {
    guard let part = parts[number(of: place)] else {
      preconditionFailure("a patch is merged before it was added")
    }
    return part
  }

  private func number(of place: Position) -> Int {
    PatchOrder.xFastest.index(of: place, counts: counts)
  }
}
