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
  ///   - suggested: a size that would suit, taken where chunks of it are neither tiny nor huge; its depth may become less.
  init(_ extent: Extent, voxelByteCount: Int, asked: Extent? = nil, suggested: Extent? = nil) {
    let rowBytes = max(1, extent.width) * voxelByteCount
    func fits(_ rows: Int) -> Bool { rows <= Self.maxBandBytes / rowBytes }
    let suggested = suggested.flatMap { Self.suits($0.clamped(to: extent)) ? $0.clamped(to: extent) : nil }
    var depth = asked?.depth ?? suggested?.depth ?? 64
    depth = min(depth, max(1, extent.depth))
    if asked == nil { while depth > 1, !fits(depth * extent.height) { depth = (depth + 1) / 2 } }
    var side = 64
    while 4 * side * side * depth <= Self.chunkVoxels { side *= 2 }
    while asked == nil, depth == 1, side > 64, !fits(side) { side /= 2 }
    let wanted = asked ?? suggested
    chunk = Extent(
      width: min(wanted?.width ?? side, max(1, extent.width)),
      height: min(wanted?.height ?? side, max(1, extent.height)), depth: depth)
    // Chunks of one slice need no more than their own rows.
    band = Extent(
      width: extent.width, height: depth == 1 ? chunk.height : extent.height, depth: depth)
  }

  /// Whether chunks of a size are worth a file each, and small enough to be read for a box.
  private static func suits(_ chunk: Extent) -> Bool {
    guard let voxels = chunk.voxelCountIfRepresentable else { return false }
    return (1 << 12...1 << 21).contains(voxels)
  }

  /// Makes sure that other programs can read chunks of this size.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where the values of one are 2 GiB or more.
  func check(scalarType: ScalarType) throws(VoxtileError) {
    let (bytes, overflows) = (chunk.voxelCountIfRepresentable ?? .max)
      .multipliedReportingOverflow(by: scalarType.byteCount)
    guard overflows || bytes > Int(Int32.max) else { return }
    throw VoxtileError(
      .invalidOption,
      "chunks of \(chunk) voxels are larger than the 2 GiB that programs can read; ask for smaller ones",
      context: .init(expected: "at most \(Int32.max) bytes", found: "\(chunk) of \(scalarType.rawValue)"))
  }
}

extension Extent {
  /// The size, no larger than another one along any axis, and at least 1.
  fileprivate func clamped(to other: Extent) -> Extent {
    Extent(
      width: max(1, min(width, other.width)), height: max(1, min(height, other.height)),
      depth: max(1, min(depth, other.depth)))
  }
}
