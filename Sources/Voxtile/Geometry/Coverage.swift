/// How many patches hold each voxel of an image, without a volume of counts.
///
/// A voxel's count is the product of the counts along its three axes, so a few thousand numbers
/// say everything about an image of any size.
///
///     let coverage = grid.coverage
///     coverage.lostVoxels                                 // 0 where nothing is lost
///     coverage.count(at: Position(x: 64, y: 64, z: 64))   // 8 where 2x2x2 patches meet
public struct Coverage: Hashable, Sendable {
  /// The number of patches over each coordinate of an axis.
  public let counts: PerAxis<[Int]>
  /// The runs of coordinates that no patch holds, along each axis.
  public let uncovered: PerAxis<[Range<Int>]>
  /// Voxels of the image.
  public let imageVoxels: Int
  /// Voxels that at least one patch holds.
  public let coveredVoxels: Int
  /// Voxels of all patches together, made-up ones included.
  public let patchVoxels: Int

  /// Counts the coverage of a grid.
  ///
  /// - Complexity: O(width + height + depth + patches along the three axes).
  public init(of grid: PatchGrid) {
    counts = grid.axes.map { _, tiling in tiling.counts }
    uncovered = grid.axes.map { _, tiling in tiling.uncovered }
    imageVoxels = grid.extent.voxelCount
    coveredVoxels = grid.axes.all.reduce(1) { $0 * $1.coveredCount }
    patchVoxels = grid.axes.all.reduce(1) { $0 * $1.patchVoxels }
  }

  /// Voxels that no patch holds.
  public var lostVoxels: Int { imageVoxels - coveredVoxels }

  /// How many times the image the patches are together, made-up voxels included; 1 without overlap.
  public var redundancy: Double { Double(patchVoxels) / Double(imageVoxels) }

  /// The number of patches that hold a voxel.
  ///
  /// - Precondition: the voxel is inside the image.
  public func count(at position: Position) -> Int {
    counts.x[position.x] * counts.y[position.y] * counts.z[position.z]
  }

  /// The number of voxels for each number of patches that hold them: `[8: 32768]` says that 32,768
  /// voxels lie in eight patches.
  ///
  /// - Complexity: O(width + height + depth), and the product of the different counts an axis has.
  public var histogram: [Int: Int] {
    let axes = counts.map { _, counts in
      counts.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
    }
    var voxels: [Int: Int] = [:]
    for (x, inX) in axes.x {
      for (y, inY) in axes.y {
        for (z, inZ) in axes.z { voxels[x * y * z, default: 0] += inX * inY * inZ }
      }
    }
    return voxels
  }
}
