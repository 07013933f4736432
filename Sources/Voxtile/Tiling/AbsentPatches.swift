/// The patches of a grid that will not come, by their place in it.
package struct AbsentPatches: Sendable {
  private let places: Set<Position>

  /// Takes patches by their index.
  ///
  /// - Precondition: every index is one of the grid's.
  package init(_ indices: Set<Int>, of grid: PatchGrid) {
    places = Set(indices.map { grid[$0].gridPosition })
  }

  /// Whether all patches will come.
  package var isEmpty: Bool { places.isEmpty }

  /// Whether the patch at a place of the grid will not come.
  package func contains(_ place: Position) -> Bool { !places.isEmpty && places.contains(place) }

  /// The number of voxels of the image that these patches hold and no other patch does.
  ///
  /// - Complexity: O(number of patches).
  package func voxelsHeldByNoOther(in grid: PatchGrid) -> Int {
    if isEmpty { return 0 }
    let runs = grid.axes.map { _, tiling in
      AxisRun.runs(
        of: (0..<tiling.length).map { coordinate in
          let covering = tiling.patches(covering: coordinate)
          return covering.isEmpty ? nil : covering
        })
    }
    var count = 0
    for z in runs.z {
      for y in runs.y {
        for x in runs.x {
          let patches = PerAxis(x: x.value, y: y.value, z: z.value)
          guard patches.gridPlaces.allSatisfy(contains) else { continue }
          count += x.range.count * y.range.count * z.range.count
        }
      }
    }
    return count
  }
}

extension PerAxis<Range<Int>> {
  /// The places in a grid with these coordinates: z before y before x, the order in which values are added.
  var gridPlaces: [Position] {
    var places: [Position] = []
    places.reserveCapacity(x.count * y.count * z.count)
    for z in z {
      for y in y {
        for x in x { places.append(Position(x: x, y: y, z: z)) }
      }
    }
    return places
  }
}
