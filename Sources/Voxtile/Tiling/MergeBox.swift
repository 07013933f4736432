/// A box of one channel of the result over which the same patches lie along y and z.
struct MergeBox {
  /// The channel.
  let channel: Int
  /// The slices of the image.
  let slices: Range<Int>
  /// The rows of the image.
  let rows: Range<Int>
  /// The columns of the image.
  let columns: Range<Int>
  /// The patches that hold some voxel of it, by their places along each axis of the grid.
  let patches: PerAxis<Range<Int>>

  init(channel: Int, slices: Range<Int>, rows: Range<Int>, columns: Range<Int>, patches: PerAxis<Range<Int>>)
  {
    self.channel = channel
    self.slices = slices
    self.rows = rows
    self.columns = columns
    self.patches = patches
  }

  /// A rectangle of one slice, over all of which the same patches lie.
  init(of rectangle: MergeBlock) {
    self.init(
      channel: rectangle.channel, slices: rectangle.slice..<rectangle.slice + 1, rows: rectangle.rows,
      columns: rectangle.columns, patches: rectangle.patches)
  }

  /// One slice of the box.
  func block(ofSlice slice: Int) -> MergeBlock {
    MergeBlock(channel: channel, slice: slice, rows: rows, columns: columns, patches: patches)
  }
}

/// Where the slices of a box go.
struct BoxOutput<Scalar: VoxelScalar>: Sendable {
  /// The memory of the result.
  let memory: DisjointOutput<Scalar>
  /// Where the first slice of the box starts in it.
  let start: Int
  /// From one slice to the next.
  let stride: Int
  /// The number of values of a slice of the box, whose rows lie one after another.
  let count: Int

  /// Where the slices of a part of a box go that has all its columns.
  func part(_ part: MergeBox, of box: MergeBox) -> BoxOutput {
    let width = box.columns.count
    let row = part.rows.lowerBound - box.rows.lowerBound
    return BoxOutput(
      memory: memory,
      start: start + (part.slices.lowerBound - box.slices.lowerBound) * stride + row * width,
      stride: stride, count: part.rows.count * width)
  }

  /// Lends the memory of one slice, of which 0 is the first of the box.
  func withSlice<Result>(_ number: Int, _ body: (inout MutableSpan<Scalar>) -> Result) -> Result {
    let first = start + number * stride
    return memory.withPart(first..<first + count, body)
  }
}

extension AxisWeights {
  /// Cuts a range of coordinates into pieces, over each of which the same patches lie.
  ///
  /// - Parameter most: the length of the longest piece.
  /// - Complexity: O(length of the range).
  func pieces(of range: Range<Int>, most: Int) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var start = range.lowerBound
    while start < range.upperBound {
      let end = range[start...].firstIndex { covering[$0] != covering[start] } ?? range.upperBound
      let count = (end - start + most - 1) / most
      for piece in 0..<count {
        pieces.append(start + piece * (end - start) / count..<start + (piece + 1) * (end - start) / count)
      }
      start = end
    }
    return pieces
  }
}
