/// What has to be among the patches for a component to be seen: a patch, or several, that starts in a box.
struct CoverNeed: Sendable {
  /// The place of the component.
  let component: Int
  /// Where a patch starts that holds it with its margin, on axes where there is room for that.
  let starts: StartBox
  /// Where a patch starts that holds it at all.
  let startsWithoutMargin: StartBox
  /// How many patches are needed.
  let times: Int
  /// Which tile of the component it is; `nil` where it has to be whole.
  let tile: Int?
}

extension LabelIndex {
  /// What a cover needs, for the smallest components first: they leave the fewest places to choose from.
  func needs(of cover: SamplingPlan.Cover, patch: Extent, legal: StartBox) -> [CoverNeed] {
    let places = components.indices.filter { components[$0].voxelCount >= cover.leastVoxels }
    let order = places.sorted { (components[$0].voxelCount, $0) < (components[$1].voxelCount, $1) }
    return order.flatMap { component in
      let box = components[component].region
      if Axis.allCases.allSatisfy({ box.extent[$0] <= patch[$0] }) {
        func starts(margin: Int) -> StartBox {
          StartBox(
            legal.ranges.map { axis, range in
              Self.starts(holding: box[axis], margin: margin, patch: patch[axis], legal: range)
            })
        }
        return [
          CoverNeed(
            component: component, starts: starts(margin: cover.margin),
            startsWithoutMargin: starts(margin: 0), times: cover.times, tile: nil)
        ]
      }
      return tiles(of: component, patch: patch, legal: legal).enumerated().map { tile, starts in
        CoverNeed(component: component, starts: starts, startsWithoutMargin: starts, times: 1, tile: tile)
      }
    }
  }

  /// The places along one axis of a patch that holds a range of voxels, with a margin where that is possible.
  private static func starts(
    holding range: Range<Int>, margin: Int, patch: Int, legal: Range<Int>
  ) -> Range<Int> {
    let (first, last) = (range.upperBound - patch, range.lowerBound)
    // A margin of more than the patch leaves nothing; as a large one would overflow, it is not added then.
    if margin > 0, margin < patch, first + margin <= last - margin {
      let starts = (first + margin..<last - margin + 1).clamped(to: legal)
      if !starts.isEmpty { return starts }
    }
    return (first..<last + 1).clamped(to: legal)
  }

  /// Patches that are spread evenly over the box of a component that is larger than a patch; those without a voxel of it are
  /// left out.
  private func tiles(of component: Int, patch: Extent, legal: StartBox) -> [StartBox] {
    let box = components[component].region
    // For each axis the ranges of starts, each with the voxels that its tile holds for sure.
    let tiles = box.extent.sizes.map { axis, length -> [(starts: Range<Int>, voxels: Range<Int>)] in
      let (size, range) = (patch[axis], box[axis])
      guard length > size else {
        return [(Self.starts(holding: range, margin: 0, patch: size, legal: legal.ranges[axis]), range)]
      }
      let count = (length + size - 1) / size
      return (0..<count).map { tile in
        let start = range.lowerBound + tile * (length - size) / (count - 1)
        return (start..<start + 1, start..<start + size)
      }
    }
    return tiles.z.flatMap { z in
      tiles.y.flatMap { y in
        tiles.x.compactMap { x in
          let voxels = Region(x: x.voxels, y: y.voxels, z: z.voxels)
          guard holds(componentAt: component, in: voxels) else { return nil }
          return StartBox(PerAxis(x: x.starts, y: y.starts, z: z.starts))
        }
      }
    }
  }
}
