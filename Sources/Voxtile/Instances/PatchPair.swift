/// Two patches whose objects are compared, by their places in the grid, and the box of the image that both hold.
struct PatchPair: Hashable, Sendable {
  let first: Position
  let second: Position
  let box: Region
}

/// Two patches are compared where no other one lies between them in the grid.
///
/// That is enough: a patch between two others holds every voxel that both of them hold, so whatever is the same in the two is
/// found by way of it. Where no patch is absent, these are the neighbors along the axes. The small boxes that patches share
/// across an edge or a corner are left out, in which the tips of two different objects may look like one.
extension MergePlan {
  /// The pairs of patches that share voxels of a box of the image.
  ///
  /// - Complexity: O(patches over the box) where no patch is absent.
  func pairs(over region: Region) -> [PatchPair] {
    places(over: region).flatMap { place -> [PatchPair] in
      let valid = grid.patch(at: place).valid
      return comparedPlaces(after: place).compactMap { other -> PatchPair? in
        let box = valid.intersection(grid.patch(at: other).valid)
        guard box.intersection(region).voxelCount > 0 else { return nil }
        return PatchPair(first: place, second: other, box: box)
      }
    }
  }

  /// The places of the patches that one is compared with and that come after it.
  private func comparedPlaces(after place: Position) -> [Position] {
    if absent.isEmpty {
      return Axis.allCases.compactMap { axis -> Position? in
        var next = place
        next[axis] += 1
        return next[axis] < grid.counts[axis] ? next : nil
      }
    }
    let valid = grid.patch(at: place).valid
    func reach(_ axis: Axis) -> Range<Int> { axes[axis].patches(over: valid[axis]) }
    return PerAxis(x: reach(.x), y: reach(.y), z: reach(.z)).gridPlaces.filter { other in
      (place.z, place.y, place.x) < (other.z, other.y, other.x) && !absent.contains(other)
        && areNeighbors(place, other)
    }
  }

  /// Whether all patches between two in the grid are absent.
  private func areNeighbors(_ place: Position, _ other: Position) -> Bool {
    func between(_ axis: Axis) -> Range<Int> {
      min(place[axis], other[axis])..<max(place[axis], other[axis]) + 1
    }
    return PerAxis(x: between(.x), y: between(.y), z: between(.z)).gridPlaces.allSatisfy {
      $0 == place || $0 == other || absent.contains($0)
    }
  }
}
