/// Chunks that cover an array: along each axis one after another from 0, the last of which may reach beyond the border.
struct ChunkGrid: Sendable {
  /// The size of what is covered.
  let shape: [Int]
  /// The size of a chunk, which is the same for all.
  let chunkShape: [Int]

  /// A part of a box that lies in one chunk.
  struct Part {
    /// The number of the chunk along each axis.
    let chunk: [Int]
    /// The part, counted from the first value of the chunk.
    let inChunk: [Range<Int>]
    /// Where it begins, counted from the first value of the box.
    let inBox: [Int]
    /// The size of the chunk without what lies beyond the border.
    let size: [Int]

    /// Whether the part is all of the chunk that lies inside the border.
    var isWhole: Bool { zip(inChunk, size).allSatisfy { $0 == 0..<$1 } }
  }

  /// The number of chunks along each axis.
  var counts: [Int] { zip(shape, chunkShape).map { ($0 + $1 - 1) / $1 } }

  /// The number of a chunk in the order of the axes, the last of which runs fastest.
  func index(of chunk: [Int]) -> Int { zip(chunk, counts).reduce(0) { $0 * $1.1 + $1.0 } }

  /// Calls a body with the parts of a box, chunk by chunk.
  ///
  /// - Precondition: the box lies inside and is not empty.
  func forEachPart<Failure: Error>(
    of box: [Range<Int>], _ body: (Part) throws(Failure) -> Void
  ) throws(Failure) {
    let chunks = zip(box, chunkShape).map { range, size in
      range.lowerBound / size..<(range.upperBound - 1) / size + 1
    }
    var chunk = chunks.map(\.lowerBound)
    while true {
      try body(part(of: box, in: chunk))
      guard let axis = chunk.indices.last(where: { chunk[$0] + 1 < chunks[$0].upperBound }) else { return }
      chunk[axis] += 1
      for inner in (axis + 1)..<chunk.count { chunk[inner] = chunks[inner].lowerBound }
    }
  }

  private func part(of box: [Range<Int>], in chunk: [Int]) -> Part {
    let starts = zip(chunk, chunkShape).map { $0 * $1 }
    let sizes = chunk.indices.map { min(chunkShape[$0], shape[$0] - starts[$0]) }
    let ranges = chunk.indices.map { axis in
      max(box[axis].lowerBound - starts[axis], 0)..<min(box[axis].upperBound - starts[axis], sizes[axis])
    }
    let inBox = chunk.indices.map { starts[$0] + ranges[$0].lowerBound - box[$0].lowerBound }
    return Part(chunk: chunk, inChunk: ranges, inBox: inBox, size: sizes)
  }
}
