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
}

/// The parts of patches at hand, found by their place in the grid.
struct PatchParts<Value: VoxelScalar>: Sendable {
  /// The box of the grid in which all of them lie.
  private let places: Region
  /// A part for each place of the box, x before y before z.
  private var parts: [PatchPart<Value>?]

  init(_ parts: [PatchPart<Value>]) {
    let box = parts.reduce(nil as Region?) { box, part in
      let place = Region(origin: part.patch.gridPosition, extent: Extent(width: 1, height: 1, depth: 1))
      return box?.union(place) ?? place
    }
    places = box ?? Region(x: 0..<0, y: 0..<0, z: 0..<0)
    self.parts = Array(repeating: nil, count: places.voxelCount)
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
    let offset = place - places.origin
    return (offset.z * places.extent.height + offset.y) * places.extent.width + offset.x
  }
}
