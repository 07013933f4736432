import Voxtile

/// An array of Zarr open for reading: a box costs the chunks that it touches.
///
/// Chunks of which a box needs only a part are kept for a while, decoded, and so are the indices of shards. What is read may be
/// read from several threads.
final class ChunkedArray: Sendable {
  /// The folder with the chunks.
  let folder: String
  let metadata: ZarrArrayMetadata
  private let cache: ChunkCache

  /// Where a box of values goes in memory.
  private struct Target {
    var start: UnsafeMutableRawPointer
    /// Bytes from one value to the next along each axis.
    var strides: [Int]

    func moved(by position: [Int]) -> Target {
      Target(start: start + zip(position, strides).reduce(0) { $0 + $1.0 * $1.1 }, strides: strides)
    }
  }

  /// The bytes of decoded chunks that are kept, at least.
  private static let cacheByteCount = 64 << 20
  /// What an open shard counts as, since the number of open files has a limit.
  private static let shardByteCount = 1 << 20

  init(_ metadata: ZarrArrayMetadata, in folder: String) {
    self.metadata = metadata
    self.folder = folder
    let chunk = metadata.codecs.largestChunkByteCount
    // No more than all chunks that there are, of which those at the border are whole.
    let grid = ChunkGrid(shape: metadata.shape, chunkShape: metadata.chunkShape)
    let size = metadata.dataType.scalarType.byteCount
    let all = (grid.counts + metadata.chunkShape + [size]).product ?? .max
    cache = ChunkCache(byteLimit: max(chunk, Self.shardByteCount, min(Self.cacheByteCount, all)))
  }

  /// Forgets the chunks that are kept.
  func releaseBuffers() { cache.removeAll() }

  /// The most memory that is held between and during reads of one thread, in bytes.
  var bufferByteCount: Int { cache.byteLimit + 2 * metadata.codecs.largestChunkByteCount }

  /// Reads a box.
  ///
  /// - Parameters:
  ///   - box: a range for each axis of the array, none of them empty.
  ///   - start: where its first value goes.
  ///   - strides: bytes from one value to the next along each axis.
  /// - Throws: `VoxtileError.Code.malformedFile` where a chunk is damaged, which names its file;
  ///   `VoxtileError.Code.fileAccess` where it cannot be read.
  func read(
    _ box: [Range<Int>], into start: UnsafeMutableRawPointer, strides: [Int]
  ) throws(VoxtileError) {
    let grid = ChunkGrid(shape: metadata.shape, chunkShape: metadata.chunkShape)
    let target = Target(start: start, strides: strides)
    try grid.forEachPart(of: box) { (part) throws(VoxtileError) in
      let path = "\(folder)/\(metadata.keys.path(of: part.chunk))"
      do throws(VoxtileError) {
        try read(part, of: metadata.codecs, key: [grid.index(of: part.chunk)], target.moved(by: part.inBox)) {
          () throws(VoxtileError) in try Self.source(path)
        }
      } catch {
        throw error.inFile(path)
      }
    }
  }

  /// The file of a chunk, or `nil` where there is none.
  private static func source(_ path: String) throws(VoxtileError) -> ByteSource? {
    do throws(VoxtileError) {
      return ByteSource(try InputFile(path))
    } catch {
      // A link that leads nowhere is no missing chunk.
      if ZarrFolder.isNothing(at: path) { return nil }
      throw error
    }
  }

  private func read(
    _ part: ChunkGrid.Part, of chain: CodecChain, key: [Int], _ target: Target,
    from source: () throws(VoxtileError) -> ByteSource?
  ) throws(VoxtileError) {
    let content = try content(of: chain, key: key, isKept: !part.isWhole, source)
    let box = chain.order.map { part.inChunk[$0] }
    let target = Target(start: target.start, strides: chain.order.map { target.strides[$0] })
    switch (content, chain.packing) {
    case (.values(let values), _): copy(box, of: values, chain, to: target)
    case (.shard(let index, let shard), .shards(let sharding)):
      let grid = ChunkGrid(
        shape: chain.order.map { part.size[$0] }, chunkShape: sharding.inner.form.shape)
      try grid.forEachPart(of: box) { (part) throws(VoxtileError) in
        let number = zip(part.chunk, sharding.counts).reduce(0) { $0 * $1.1 + $1.0 }
        do throws(VoxtileError) {
          try read(part, of: sharding.inner, key: key + [number], target.moved(by: part.inBox)) {
            () throws(VoxtileError) in try index[number].map { shard.part($0) }
          }
        } catch {
          throw error.inChunk(number)
        }
      }
    default: fill(box, to: target)
    }
  }

  /// What a chunk holds, or `nil` where it is not there.
  private func content(
    of chain: CodecChain, key: [Int], isKept: Bool, _ source: () throws(VoxtileError) -> ByteSource?
  ) throws(VoxtileError) -> ChunkCache.Content? {
    if let content = cache[key] { return content }
    guard let source = try source() else { return nil }
    switch chain.packing {
    case .values(let byteOrder):
      let content = ChunkCache.Content.values(try chain.values(source, byteOrder))
      if isKept { cache.keep(content, of: key, byteCount: chain.valueByteCount) }
      return content
    case .shards(let sharding):
      let shard = chain.byteCodecs.isEmpty ? source : ByteSource(try chain.decodedShard(source, sharding))
      let content = ChunkCache.Content.shard(try ShardIndex(of: shard, sharding), shard)
      let held = chain.byteCodecs.isEmpty ? 0 : shard.byteCount
      cache.keep(content, of: key, byteCount: held + sharding.index.storedByteCount + Self.shardByteCount)
      return content
    }
  }

  private func copy(_ box: [Range<Int>], of values: [UInt8], _ chain: CodecChain, to target: Target) {
    let size = metadata.dataType.scalarType.byteCount
    let strides = chain.order.map { chain.form.shape[$0] }.strides(of: size)
    let offset = zip(box, strides).reduce(0) { $0 + $1.0.lowerBound * $1.1 }
    values.withUnsafeBytes { values in
      guard let start = values.baseAddress else { return }
      StridedCopy(counts: box.map(\.count), byteCount: size).run(
        from: start + offset, strides: strides, to: target.start, strides: target.strides)
    }
  }

  private func fill(_ box: [Range<Int>], to target: Target) {
    metadata.fill.withUnsafeBytes { value in
      guard let start = value.baseAddress else { return }
      StridedCopy(counts: box.map(\.count), byteCount: value.count).run(
        from: start, strides: box.map { _ in 0 }, to: target.start, strides: target.strides)
    }
  }
}

extension CodecChain {
  /// The size of the largest chunk that is decoded at a time, in bytes.
  fileprivate var largestChunkByteCount: Int {
    guard case .shards(let sharding) = packing else { return valueByteCount }
    return byteCodecs.isEmpty ? sharding.inner.largestChunkByteCount : storedByteCount
  }
}

extension CodecChain {
  /// Decodes a shard that is compressed as a whole.
  fileprivate func decodedShard(
    _ source: ByteSource, _ sharding: Sharding
  ) throws(VoxtileError) -> [UInt8] {
    // Chunks that cannot be compressed become a little longer.
    let most = storedByteCount + storedByteCount / 4 + sharding.indexByteCount + (1 << 20)
    return try decoded(source, atMost: most)
  }
}

extension VoxtileError {
  /// The same error, with the number of the chunk within a shard.
  fileprivate func inChunk(_ number: Int) -> VoxtileError {
    var error = self
    error.message = "chunk \(number) of the shard: \(message)"
    return error
  }
}
