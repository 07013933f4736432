/// The starts of the patches that were chosen so far, found by where they are.
struct ChosenStarts: Sendable {
  private let patch: Extent
  /// Starts by the box of the size of a patch that they lie in.
  private var cells: [Position: [Position]] = [:]
  private(set) var all: [Position] = []

  init(patch: Extent) { self.patch = patch }

  mutating func insert(_ start: Position) {
    cells[cell(of: start), default: []].append(start)
    all.append(start)
  }

  func contains(_ start: Position) -> Bool { cells[cell(of: start)]?.contains(start) ?? false }

  /// The starts in a box.
  ///
  /// - Complexity: O(starts near the box), for a box of a few patches.
  func starts(in box: StartBox) -> [Position] {
    guard box.count > 0 else { return [] }
    let cells = box.ranges.map { axis, range in
      range.lowerBound.floored(by: patch[axis])..<(range.upperBound - 1).floored(by: patch[axis]) + 1
    }
    if cells.all.reduce(1, { $0 * $1.count }) > all.count { return all.filter(box.contains) }
    var found: [Position] = []
    for z in cells.z {
      for y in cells.y {
        for x in cells.x {
          found += self.cells[Position(x: x, y: y, z: z)]?.filter(box.contains) ?? []
        }
      }
    }
    return found
  }

  /// Whether a patch would share more than a part of it with a chosen one.
  func overlap(_ start: Position, byMoreThan share: Share) -> Bool {
    guard share < .all else { return false }
    let near = StartBox(patch.sizes.map { axis, length in start[axis] - length + 1..<start[axis] + length })
    let allowed = patch.voxelCount * share.millionths / 1_000_000
    return starts(in: near).contains { other in
      Axis.allCases.reduce(1) { $0 * (patch[$1] - abs(start[$1] - other[$1])) } > allowed
    }
  }

  private func cell(of start: Position) -> Position {
    Position(
      x: start.x.floored(by: patch.width), y: start.y.floored(by: patch.height),
      z: start.z.floored(by: patch.depth))
  }
}

extension Int {
  /// The quotient, rounded down.
  fileprivate func floored(by divisor: Int) -> Int {
    self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
  }
}
