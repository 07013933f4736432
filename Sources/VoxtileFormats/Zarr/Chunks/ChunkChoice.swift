import Voxtile

/// How large the chunks of a new array are, and how much of the image waits in memory until they are complete.
struct ChunkChoice: Hashable, Sendable {
  /// The size of a chunk.
  let chunk: Extent
  /// What is collected before it is written: whole slices, or rows of one slice.
  let band: Extent

  /// The most bytes that are collected, where chunks of a useful size allow it.
  static let maxBandBytes = 64 << 20
  /// About how many voxels a chunk has: 64 along each axis.
  private static let chunkVoxels = 1 << 18

  /// Chooses chunks that are 64 deep, or less where so many slices are more than ``maxBandBytes``; the less deep, the wider.
  ///
  /// - Parameters:
  ///   - extent: the size of the image.
  ///   - voxelByteCount: bytes of a voxel with all its channels.
  ///   - asked: the size that is asked for.
  init(_ extent: Extent, voxelByteCount: Int, asked: Extent? = nil) {
    let rowBytes = max(1, extent.width) * voxelByteCount
    func fits(_ rows: Int) -> Bool { rows <= Self.maxBandBytes / rowBytes }
    var depth = asked?.depth ?? 64
    depth = min(depth, max(1, extent.depth))
    if asked == nil { while depth > 1, !fits(depth * extent.height) { depth = (depth + 1) / 2 } }
    var side = 64
    while 4 * side * side * depth <= Self.chunkVoxels { side *= 2 }
    while asked == nil, depth == 1, side > 64, !fits(side) { side /= 2 }
    chunk = Extent(
      width: min(asked?.width ?? side, max(1, extent.width)),
      height: min(asked?.height ?? side, max(1, extent.height)), depth: depth)
    // Chunks of one slice need no more than their own rows.
    band = Extent(
      width: extent.width, height: depth == 1 ? chunk.height : extent.height, depth: depth)
  }
}
