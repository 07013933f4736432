import Voxtile

/// Where the chunks of a shard lie.
struct ShardIndex: Sendable {
  /// Two numbers for each chunk, in the order of the shard's axes.
  private let numbers: [UInt64]
  private let shardByteCount: Int

  /// Both numbers of a chunk that is not there.
  private static let absent = UInt64.max

  /// Reads the index of a shard.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where the shard is shorter than its index, or the index damaged.
  init(of shard: ByteSource, _ sharding: Sharding) throws(VoxtileError) {
    let count = sharding.indexByteCount
    guard count <= shard.byteCount else {
      throw VoxtileError(
        .malformedFile,
        "has \(shard.byteCount) bytes, fewer than the \(count) of the index of its \(ZarrArrayMetadata.text(sharding.counts)) "
          + "chunks; it is truncated or its metadata are wrong",
        context: .init(expected: "at least \(count) bytes", found: "\(shard.byteCount) bytes"))
    }
    let range = sharding.isIndexFirst ? 0..<count : shard.byteCount - count..<shard.byteCount
    guard case .values(let byteOrder) = sharding.index.packing else {
      preconditionFailure("the index of a shard has a fixed size")
    }
    let chain = sharding.index
    var bytes = [UInt8]()
    do throws(VoxtileError) {
      bytes = try chain.values(shard.part(range), byteOrder)
    } catch {
      var error = error
      error.message = "has an index that \(error.message)"
      throw error
    }
    let packed = chain.order.map { chain.form.shape[$0] }
    var strides = [Int](repeating: 0, count: packed.count)
    for (axis, stride) in zip(chain.order, packed.strides(of: 1)) { strides[axis] = stride }
    numbers = bytes.withUnsafeBytes { bytes in
      var numbers = [UInt64](repeating: 0, count: bytes.count / 8)
      numbers.withUnsafeMutableBytes { target in
        guard let from = bytes.baseAddress, let to = target.baseAddress else { return }
        StridedCopy(counts: chain.form.shape, byteCount: 8).run(
          from: from, strides: strides.map { $0 * 8 }, to: to, strides: chain.form.shape.strides(of: 8))
      }
      return numbers
    }
    shardByteCount = shard.byteCount
  }

  /// Where a chunk lies in the shard; `nil` where it is not there.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where it lies outside of the shard, or only one of its numbers says that it is
  ///   not there.
  subscript(chunk: Int) -> Range<Int>? {
    get throws(VoxtileError) {
      let (offset, count) = (numbers[2 * chunk], numbers[2 * chunk + 1])
      if offset == Self.absent, count == Self.absent { return nil }
      let (end, overflows) = offset.addingReportingOverflow(count)
      guard !overflows, end <= UInt64(shardByteCount) else {
        throw VoxtileError(
          .malformedFile,
          "has chunk \(chunk) at byte \(offset) with \(count) bytes by its index, but has \(shardByteCount) bytes in all; it is "
            + "truncated or its index is damaged",
          context: .init(
            byteOffset: Int(exactly: offset), expected: "at most \(shardByteCount) bytes",
            found: "\(offset) + \(count)"))
      }
      return Int(offset)..<Int(end)
    }
  }
}
