/// The patches at hand, or as much of each as a merge needs just now, found by their place in the grid.
struct PatchParts<Value: VoxelScalar>: Sendable {
  /// The box of the grid in which all of them lie.
  private let places: Region
  /// A part for each place of the box, x before y before z.
  private var parts: [PlacedVolume<Value>?]

  init(_ parts: [(place: Position, part: PlacedVolume<Value>)]) {
    let box = parts.reduce(nil as Region?) { box, part in
      let place = Region(origin: part.place, extent: Extent(width: 1, height: 1, depth: 1))
      return box?.union(place) ?? place
    }
    places = box ?? Region(x: 0..<0, y: 0..<0, z: 0..<0)
    self.parts = Array(repeating: nil, count: places.voxelCount)
    for (place, part) in parts { self.parts[number(of: place)] = part }
  }

  /// The part of one patch that was added.
  ///
  /// - Precondition: the patch was added.
  subscript(place: Position) -> PlacedVolume<Value> {
    guard let part = parts[number(of: place)] else {
      preconditionFailure("the patch at \(place) of the grid is merged before it was added")
    }
    return part
  }

  private func number(of place: Position) -> Int {
    let offset = place - places.origin
    return (offset.z * places.extent.height + offset.y) * places.extent.width + offset.x
  }
}
