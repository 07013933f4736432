import Voxtile

/// The number of regions that hold each voxel of an image, in memory order, found by looking at
/// every voxel and every region.
public func naiveCoverage(extent: Extent, regions: [Region]) -> [Int] {
  extent.positions.map { voxel in
    regions.count { region in
      (region.origin.x..<region.origin.x + region.extent.width).contains(voxel.x)
        && (region.origin.y..<region.origin.y + region.extent.height).contains(voxel.y)
        && (region.origin.z..<region.origin.z + region.extent.depth).contains(voxel.z)
    }
  }
}
