/// How many voxels of a kind an image has up to each corner of its bricks of 8x8x8 voxels.
///
/// The count of a box of whole bricks takes eight look-ups. For any other box the bricks inside it and those that it touches give
/// bounds, which mostly decide whether it has enough.
struct BrickSums: Sendable {
  /// The side of a brick.
  static let side = 8

  private let counts: PerAxis<Int>
  private var sums: [Int]

  /// Creates sums of an image without such voxels.
  init(extent: Extent) {
    // One more along each axis: the sums up to the first corner are 0.
    counts = extent.sizes.map { _, size in (size + Self.side - 1) / Self.side + 1 }
    sums = [Int](repeating: 0, count: counts.all.reduce(1, *))
  }

  /// Counts a run of voxels.
  ///
  /// - Precondition: ``finish()`` has not been called.
  mutating func add(_ x: Range<Int>, y: Int, z: Int) {
    guard !x.isEmpty else { return }
    let row = place(0, y / Self.side + 1, z / Self.side + 1)
    for brick in x.lowerBound / Self.side...(x.upperBound - 1) / Self.side {
      let inside = x.clamped(to: brick * Self.side..<(brick + 1) * Self.side)
      sums[row + brick + 1] += inside.count
    }
  }

  /// Adds up the counts, after the last run.
  mutating func finish() {
    for z in 0..<counts.z {
      for y in 0..<counts.y {
        for x in 1..<counts.x { sums[place(x, y, z)] += sums[place(x - 1, y, z)] }
      }
    }
    for z in 0..<counts.z {
      for y in 1..<counts.y {
        for x in 0..<counts.x { sums[place(x, y, z)] += sums[place(x, y - 1, z)] }
      }
    }
    for z in 1..<counts.z {
      for y in 0..<counts.y {
        for x in 0..<counts.x { sums[place(x, y, z)] += sums[place(x, y, z - 1)] }
      }
    }
  }

  /// The fewest and the most voxels that a box can have, as far as its bricks tell; the same where it is of whole bricks.
  ///
  /// - Parameter box: a box; what lies outside the image has none.
  func bounds(in box: Region) -> ClosedRange<Int> {
    var (inner, outer) = (PerAxis(0..<0), PerAxis(0..<0))
    for axis in Axis.allCases {
      let bricks = counts[axis] - 1
      let range = box[axis].clamped(to: 0..<bricks * Self.side)
      guard !range.isEmpty else { return 0...0 }
      outer[axis] = range.lowerBound / Self.side..<(range.upperBound + Self.side - 1) / Self.side
      let first = (range.lowerBound + Self.side - 1) / Self.side
      inner[axis] = first..<max(first, range.upperBound / Self.side)
    }
    return sum(inner)...sum(outer)
  }

  private func sum(_ bricks: PerAxis<Range<Int>>) -> Int {
    func corner(_ x: Int, _ y: Int, _ z: Int) -> Int { sums[place(x, y, z)] }
    let (x, y, z) = (bricks.x, bricks.y, bricks.z)
    func slab(_ z: Int) -> Int {
      corner(x.upperBound, y.upperBound, z) - corner(x.lowerBound, y.upperBound, z)
        - corner(x.upperBound, y.lowerBound, z) + corner(x.lowerBound, y.lowerBound, z)
    }
    return slab(z.upperBound) - slab(z.lowerBound)
  }

  private func place(_ x: Int, _ y: Int, _ z: Int) -> Int { (z * counts.y + y) * counts.x + x }
}
