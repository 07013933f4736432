/// A box of places where a patch may start.
struct StartBox: Hashable, Sendable {
  var ranges: PerAxis<Range<Int>>

  init(_ ranges: PerAxis<Range<Int>>) { self.ranges = ranges }

  /// All places where a patch lies inside a scan; along an axis that is shorter, the one that pads both sides by the same, an
  /// odd voxel after the end.
  ///
  /// - Throws: `VoxtileError.Code.invalidGrid` where the scan is shorter, and small ones are not padded.
  init(of patch: Extent, in extent: Extent, padding: Bool) throws(VoxtileError) {
    guard let voxels = patch.voxelCountIfRepresentable, (1...1 << 40).contains(voxels) else {
      throw VoxtileError(
        .invalidGrid,
        "a patch of \(patch) voxels cannot be sampled; use sizes of at least 1 and at most 2^40 voxels")
    }
    ranges = try patch.sizes.map { axis, length throws(VoxtileError) in
      let free = extent[axis] - length
      guard free < 0 else { return 0..<free + 1 }
      guard padding else {
        throw VoxtileError(
          .invalidGrid, "patch \(axis.sizeName) \(length) exceeds scan \(axis.sizeName) \(extent[axis])",
          remedy: .padOrShrinkSample(axis: axis, largest: extent[axis]),
          context: .init(axis: axis, expected: "<= \(extent[axis])", found: "\(length)"))
      }
      let start = -(-free / 2)
      return start..<start + 1
    }
  }

  /// How many places there are.
  var count: Int { ranges.all.reduce(1) { $0 * $1.count } }

  func contains(_ start: Position) -> Bool {
    Axis.allCases.allSatisfy { ranges[$0].contains(start[$0]) }
  }

  /// A place by its number, x fastest.
  subscript(number: Int) -> Position {
    let (row, x) = number.quotientAndRemainder(dividingBy: ranges.x.count)
    let (z, y) = row.quotientAndRemainder(dividingBy: ranges.y.count)
    return Position(x: ranges.x.lowerBound + x, y: ranges.y.lowerBound + y, z: ranges.z.lowerBound + z)
  }

  /// The number of a place.
  func number(of start: Position) -> Int {
    let steps = ranges.map { axis, range in start[axis] - range.lowerBound }
    return (steps.z * ranges.y.count + steps.y) * ranges.x.count + steps.x
  }

  /// A place, each as likely as the others.
  func draw(_ random: inout SampleRandom) -> Position { self[random.bounded(count)] }

  /// A place that is not among some others, each as likely as the others; `nil` where there is none.
  func draw(without used: [Position], _ random: inout SampleRandom) -> Position? {
    let taken = used.filter(contains).map(number).sorted()
    guard taken.count < count else { return nil }
    var number = random.bounded(count - taken.count)
    for other in taken where other <= number { number += 1 }
    return self[number]
  }
}

extension SamplingPlan.Placement {
  /// The places of a patch that holds a voxel as the placement says.
  func starts(holding voxel: Position, patch: Extent, among legal: StartBox) -> StartBox {
    StartBox(
      legal.ranges.map { axis, range in
        let (voxel, length) = (voxel[axis], patch[axis])
        switch self {
        case .anywhere: return (voxel - length + 1..<voxel + 1).clamped(to: range)
        case .center: return Self.nearest(to: voxel - length / 2, in: range)
        case .inner(let share):
          let width = max(1, length * share.millionths / 1_000_000)
          let last = voxel - (length - width) / 2
          let starts = (last - width + 1..<last + 1).clamped(to: range)
          return starts.isEmpty ? Self.nearest(to: last, in: range) : starts
        }
      })
  }

  /// The place nearest to a wanted one.
  private static func nearest(to start: Int, in range: Range<Int>) -> Range<Int> {
    let start = min(max(start, range.lowerBound), range.upperBound - 1)
    return start..<start + 1
  }
}
