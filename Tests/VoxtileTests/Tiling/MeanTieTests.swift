import Testing
import Voxtile
import VoxtileTestSupport

/// Means that lie exactly half-way between two integers, compared with whole numbers, in which nothing is rounded.
///
/// Multiplying by reciprocals misses some of them: 315 / (5 * 6 * 7) is 1.5, but 315 * (1/5 * (1/6 * 1/7)) is more.
@Suite("Ties of means") struct MeanTieTests {
  /// A grid whose middle voxel lies in so many patches along each axis, and their places over it.
  private func grid(counts: PerAxis<Int>) throws -> (grid: PatchGrid, middle: Position) {
    let grid = try PatchGrid(
      over: Extent(counts.map { _, count in 2 * count - 1 }),
      settings: GridSettings(
        patch: Extent(counts), overlap: counts.map { _, count in .voxels(count - 1) }))
    let middle = counts.map { _, count in count - 1 }
    return (grid, Position(x: middle.x, y: middle.y, z: middle.z))
  }

  /// The mean of whole numbers, rounded to nearest, ties to even.
  private func mean(of sum: Int, over count: Int) -> Int {
    let (quotient, remainder) = sum.quotientAndRemainder(dividingBy: count)
    if 2 * remainder == count { return quotient + quotient % 2 }
    return 2 * remainder > count ? quotient + 1 : quotient
  }

  /// What the middle voxel becomes where half of its patches have one value and the others the next one.
  private func middle<Scalar: VoxelScalar>(
    _ counts: PerAxis<Int>, below value: Int, as type: Scalar.Type
  ) throws -> (merged: Scalar, sum: Int) {
    let (grid, middle) = try grid(counts: counts)
    @Sendable func number(_ patch: Patch) -> Int { value + (patch.index < grid.count / 2 ? 0 : 1) }
    // Of each patch one voxel is read, so that hundreds of patches cost nothing.
    let merger = try RegionMerger<Scalar>(grid: grid, settings: MergeSettings(blend: .average, jobs: .one))
    let voxel = Region(origin: middle, extent: Extent(1))
    let merged = try merger.merge(voxel, channels: 1, of: type) { patch, part in
      Volume(extent: part.extent, repeating: Scalar(nearest: Double(number(patch))))
    }
    return (merged.voxels[0], grid.reduce(0) { $0 + number($1) })
  }

  @Test(
    "a mean of up to seven patches along each axis is rounded as on paper, for every integer type",
    arguments: ScalarType.allCases.filter { $0.isInteger && $0.byteCount < 8 })
  func everyCount(type: ScalarType) throws {
    func check<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
      for x in 1...7 {
        for y in 1...7 {
          for z in 1...7 where x * y * z % 2 == 0 && x <= y {
            for value in [0, 1] {
              let counts = PerAxis(x: x, y: y, z: z)
              let (merged, sum) = try middle(counts, below: value, as: type)
              let expected = mean(of: sum, over: x * y * z)
              #expect(merged.double == Double(expected), "\(sum) / (\(x) x \(y) x \(z)), \(type)")
            }
          }
        }
      }
    }
    try check(type.type)
  }

  @Test("a window of whole weights is divided too")
  func wholeWeights() throws {
    // Triangles of 3 along each axis weigh 1, 2, 1: sums of 4 in the middle, of 3 beside it, 36 = 4 * 3 * 3 in all.
    let grid = try PatchGrid(over: Extent(5), patch: Extent(3), overlap: .voxels(2))
    let merged: Volume<UInt16> = try merge(grid, .triangular) { patch in
      Volume(extent: patch.region.extent, repeating: patch.index.isMultiple(of: 2) ? 1 : 2)
    }
    for voxel in grid.extent.positions {
      var (sum, weights) = (0, 0)
      for patch in grid where patch.region.contains(voxel) {
        let offset = voxel - patch.region.origin
        let weight = [offset.x, offset.y, offset.z].reduce(1) { $0 * min($1 + 1, 3 - $1) }
        weights += weight
        sum += weight * (patch.index.isMultiple(of: 2) ? 1 : 2)
      }
      let expected = mean(of: sum, over: weights)
      #expect(
        merged[x: voxel.x, y: voxel.y, z: voxel.z] == UInt16(expected), "\(sum) / \(weights) at \(voxel)")
    }
  }

  @Test(
    "means of 3 x 3 x 6 patches over every voxel are rounded as on paper",
    arguments: [(3, 3, 6), (6, 3, 3), (3, 6, 12)])
  func everyCoverHasTwoBits(x: Int, y: Int, z: Int) throws {
    let counts = PerAxis(x: x, y: y, z: z)
    let grid = try PatchGrid(
      over: Extent(1), settings: GridSettings(patch: Extent(counts), overlap: PerAxis(.voxels(0))),
      axes: counts.map { axis, count throws(VoxtileError) in
        try AxisTiling(
          length: 1, patch: count, overlap: count - 1, starts: Array(1 - count...0), axis: axis)
      })
    let half = grid.count / 2
    let merger = try RegionMerger<Int16>(grid: grid, settings: MergeSettings(blend: .average, jobs: .one))
    for value in 0..<200 {
      let merged = try merger.merge(Region(grid.extent), channels: 1, of: Int16.self) { patch, part in
        Volume(extent: part.extent, repeating: Int16(value + (patch.index < half ? 0 : 1)))
      }
      #expect(Int(merged.voxels[0]) == value + value % 2, "\(value).5")
    }
  }
}
