import Voxtile

/// Makes the coarser levels of an image from its full resolution, each from the one before, chunk by chunk.
///
/// A chunk of a level is made of whole chunks of the one before, each of which is read once.
struct ZarrPyramid {
  /// An array with the path and the transformation of its level.
  struct Level {
    let path: String
    let array: NewZarrArray
    let transform: OMETransform
  }

  let root: ZarrFolder
  let roles: [OMEAxis.Role]
  let rule: Downsampling.Rule
  let jobs: Jobs

  /// No level is made of one that is not longer than this along any axis of space.
  static let maxVoxelsOfLast = 128

  /// Chunks that are in memory for each thread: those that are read, one that is decoded, and the new one.
  static let chunksOfOneThread = 12

  /// Writes all levels after the first one.
  ///
  /// - Returns: all levels, the first one included.
  /// - Throws: what reading and writing chunks throws.
  func write(after first: Level) throws -> [Level] {
    var levels = [first]
    while let last = levels.last, let (next, factors) = next(after: last, number: levels.count) {
      try write(next, factors: factors, from: last)
      levels.append(next)
    }
    return levels
  }

  /// The level after another one: half the size along the axes along which voxels are short.
  private func next(after level: Level, number: Int) -> (Level, factors: [Int])? {
    let spaces = roles.indices.filter { roles[$0] != .channel && level.array.shape[$0] > 1 }
    guard spaces.contains(where: { level.array.shape[$0] > Self.maxVoxelsOfLast }) else { return nil }
    let steps = level.transform.scale.map(\.magnitude)
    let shortest = spaces.map { steps[$0] }.min() ?? 1
    var factors = [Int](repeating: 1, count: roles.count)
    for axis in spaces where steps[axis] <= 1.5 * shortest { factors[axis] = 2 }
    var array = level.array
    array.shape = zip(array.shape, factors).map { ($0 + $1 - 1) / $1 }
    array.chunkShape = zip(array.chunkShape, array.shape).map { min($0, $1) }
    var transform = level.transform
    for axis in factors.indices where factors[axis] == 2 {
      // The center of two voxels lies half a voxel after that of the first one.
      transform.translation[axis] += transform.scale[axis] / 2
      transform.scale[axis] *= 2
    }
    return (Level(path: "\(number)", array: array, transform: transform), factors)
  }

  private func write(_ level: Level, factors: [Int], from source: Level) throws {
    let folder = root.folder(level.path)
    try root.makeFolders(level.path)
    try folder.write(level.array.document.content, to: level.array.document.name)
    guard case .array(let metadata)? = try ZarrNode(root.folder(source.path)) else { return }
    let reader = ChunkedArray(metadata, in: root.file(source.path))
    let grid = ChunkGrid(shape: level.array.shape, chunkShape: level.array.chunkShape)
    var parts: [ChunkGrid.Part] = []
    grid.forEachPart(of: level.array.shape.map { 0..<$0 }) { parts.append($0) }
    let chosen = parts
    let downsampling = Downsampling(rule: rule, scalarType: level.array.scalarType, factors: factors)
    try jobs.forEachThrowing(chosen.count) { index in
      let part = chosen[index]
      let values = try chunk(part, of: level.array, downsampling, from: reader)
      try folder.makeFolders(level.array.keys.path(of: part.chunk).parentFolder)
      try level.array.write(values, chunk: part.chunk, to: folder.path)
    }
  }

  /// The values of a chunk of a new level.
  private func chunk(
    _ part: ChunkGrid.Part, of array: NewZarrArray, _ downsampling: Downsampling, from reader: ChunkedArray
  ) throws -> [UInt8] {
    let size = array.scalarType.byteCount
    let box = part.chunk.indices.map { axis in
      let start = part.chunk[axis] * array.chunkShape[axis] * downsampling.factors[axis]
      return
        start..<min(
          start + part.size[axis] * downsampling.factors[axis], reader.metadata.shape[axis])
    }
    let shape = box.map(\.count)
    var source = [UInt8](repeating: 0, count: shape.reduce(size, *))
    try source.withUnsafeMutableBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      try reader.read(box, into: start, strides: shape.strides(of: size))
    }
    var values = [UInt8](repeating: 0, count: array.chunkShape.reduce(size, *))
    values.withUnsafeMutableBytes { target in
      source.withUnsafeBytes { source in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        downsampling.run(from, shape: shape, to: to, strides: array.chunkShape.strides(of: size))
      }
    }
    return values
  }
}
