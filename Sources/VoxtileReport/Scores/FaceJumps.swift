import Voxtile

/// The jumps of values across the faces of patches, and one voxel before and after them.
///
/// The cut planes of each axis are divided into cells by the borders of patches along the other axes, so that a face is made of whole
/// cells. Add boxes of full width, in file order.
///
/// - Complexity: O(voxels) in time; 16 bytes for each cell, at most ``maxCells`` for an axis, and one slice.
struct FaceJumps {
  /// The most sums that are kept for an axis. The patches of a grid with more cells are not scored.
  static let maxCells = 200_000

  /// The sum of jumps, and their number.
  struct Sum {
    private(set) var sum = 0.0
    private(set) var count = 0.0

    /// The mean; 0 where there are none.
    var mean: Double { count == 0 ? 0 : sum / count }

    fileprivate mutating func add(_ jump: Double) {
      // Ignores jumps from or to NaN and infinity.
      guard jump.isFinite else { return }
      sum += jump
      count += 1
    }

    static func += (left: inout Sum, right: Sum) {
      left.sum += right.sum
      left.count += right.count
    }
  }

  private let extent: Extent
  /// For each axis, the first coordinate after each cut plane, and the cell of each coordinate.
  private let cuts: PerAxis<[Int]>
  private let cells: PerAxis<[Int]>
  private let counts: PerAxis<Int>
  /// For each axis and coordinate, the sums that its jump from the coordinate before belongs to.
  private let lines: PerAxis<[[Int]]>
  // Three properties instead of one `PerAxis`: updating one element of it would copy its array.
  private var x: [Sum]
  private var y: [Sum]
  private var z: [Sum]
  /// The previous slice; its first rows may already be those of the current one.
  private var last: [Double]

  /// Prepares to add the boxes of an image; `nil` for a grid with too many cells.
  init?(over grid: PatchGrid) {
    extent = grid.extent
    let cuts = grid.axes.map { _, tiling in SeamScore.cuts(of: tiling) }
    let borders = grid.axes.map { _, tiling in Self.borders(of: tiling) }
    let counts = borders.map { _, borders in borders.count + 1 }
    func size(_ axis: Axis) -> Int? {
      let size = Axis.allCases.reduce(3.0) { $0 * Double($1 == axis ? cuts[$1].count : counts[$1]) }
      return size <= Double(Self.maxCells) ? Int(size) : nil
    }
    guard let x = size(.x), let y = size(.y), let z = size(.z) else { return nil }
    self.cuts = cuts
    self.counts = counts
    cells = grid.extent.sizes.map { axis, length in
      var cell = 0
      return (0..<length).map { coordinate in
        while cell < borders[axis].count, borders[axis][cell] <= coordinate { cell += 1 }
        return cell
      }
    }
    lines = grid.extent.sizes.map { axis, length in
      var lines = [[Int]](repeating: [], count: length)
      for (plane, position) in cuts[axis].enumerated() {
        for step in 0..<3 where (1..<length).contains(position + step - 1) {
          lines[position + step - 1].append(3 * plane + step)
        }
      }
      return lines
    }
    self.x = [Sum](repeating: Sum(), count: x)
    self.y = [Sum](repeating: Sum(), count: y)
    self.z = [Sum](repeating: Sum(), count: z)
    last = [Double](repeating: .nan, count: extent.width * (extent.depth > 1 ? extent.height : 1))
  }

  /// The coordinates inside an axis at which a patch begins or has ended.
  private static func borders(of tiling: AxisTiling) -> [Int] {
    let ranges = tiling.starts.indices.map { tiling.range(at: $0) }
    return Set(ranges.flatMap { [$0.lowerBound, $0.upperBound] }).filter { (1..<tiling.length).contains($0) }
      .sorted()
  }

  /// Adds the next box.
  mutating func add(_ values: [Double], from offset: Int = 0, at region: Region) {
    let width = extent.width
    let columns = lines.x.indices.filter { !lines.x[$0].isEmpty }
    for z in region.z {
      for y in region.y {
        let start =
          offset + ((z - region.z.lowerBound) * region.extent.height + y - region.y.lowerBound) * width
        let isFlat = extent.depth == 1
        let row = isFlat ? 0 : y * width
        let (cellY, cellZ) = (cells.y[y], cells.z[z])
        for column in columns {
          let jump = (values[start + column] - values[start + column - 1]).magnitude
          for line in lines.x[column] { x[(line * counts.y + cellY) * counts.z + cellZ].add(jump) }
        }
        if y > 0 {
          // `last` already has the row above from this slice.
          let above = isFlat ? 0 : row - width
          for line in lines.y[y] {
            for column in 0..<width {
              self.y[(line * counts.x + cells.x[column]) * counts.z + cellZ].add(
                (values[start + column] - last[above + column]).magnitude)
            }
          }
        }
        if !isFlat {
          for line in lines.z[z] {
            for column in 0..<width {
              self.z[(line * counts.x + cells.x[column]) * counts.y + cellY].add(
                (values[start + column] - last[row + column]).magnitude)
            }
          }
        }
        for column in 0..<width { last[row + column] = values[start + column] }
      }
    }
  }

  /// The mean jump across the part of a cut plane that a patch covers, and the mean jump one voxel before and after it.
  ///
  /// - Parameters:
  ///   - position: the first coordinate after the plane.
  ///   - region: the patch; the part outside the image does not count.
  /// - Returns: `nil` if there is no such plane.
  func jumps(across axis: Axis, at position: Int, of region: Region) -> (across: Double, beside: Double)? {
    guard let plane = cuts[axis].firstIndex(of: position) else { return nil }
    let others = Axis.allCases.filter { $0 != axis }
    let ranges = others.map { other in
      let range = region[other].clamped(to: 0..<extent[other])
      return cells[other][range.lowerBound]...cells[other][range.upperBound - 1]
    }
    func sum(_ step: Int) -> Sum {
      var sum = Sum()
      for first in ranges[0] {
        for second in ranges[1] {
          sum += self[axis][((3 * plane + step) * counts[others[0]] + first) * counts[others[1]] + second]
        }
      }
      return sum
    }
    var beside = sum(0)
    beside += sum(2)
    return (sum(1).mean, beside.mean)
  }

  private subscript(axis: Axis) -> [Sum] {
    switch axis {
    case .x: x
    case .y: y
    case .z: z
    }
  }
}
