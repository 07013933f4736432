import Voxtile

/// A grid that a caller holds.
final class GridObject: Sendable {
  let grid: PatchGrid

  init(_ grid: PatchGrid) { self.grid = grid }

  /// The patch of a number.
  func patch(_ index: Int) throws(CallError) -> Patch {
    guard grid.indices.contains(index) else {
      throw CallError(.invalidArgument, "patch \(index) is not in a grid of \(grid.count) patches")
    }
    return grid[index]
  }
}

/// An extent of three numbers of the caller's.
private func extent(_ sizes: UnsafePointer<Int>?, name: String) throws(CallError) -> Extent {
  let sizes = try triple(sizes, name: name)
  guard sizes.all.allSatisfy({ $0 >= 0 }) else {
    throw CallError(
      .invalidArgument, "\(name) has a negative size: \(sizes.x), \(sizes.y), \(sizes.z) (x first)")
  }
  return Extent(sizes)
}

/// The overlaps of three numbers of the caller's, of which some are parts of the patch and some voxels.
private func overlaps(
  _ values: UnsafePointer<Double>?, _ areFractions: UnsafePointer<UInt8>?
) throws(CallError) -> PerAxis<Overlap> {
  let areFractions = try triple(areFractions, name: "the kind of overlap")
  return try triple(values, name: "overlap").map { (axis, value) throws(CallError) in
    if areFractions[axis] != 0 { return .fraction(value) }
    guard let voxels = Int(exactly: value) else {
      throw CallError(.invalidArgument, "an overlap of \(value) voxels is no whole number")
    }
    return .voxels(voxels)
  }
}

/// The edge policies of three names, separated by commas, x first.
private func edges(_ names: String) throws(CallError) -> PerAxis<EdgePolicy> {
  let names = names.split(separator: ",", omittingEmptySubsequences: false)
  guard names.count == 3 else {
    throw CallError(.invalidArgument, "there are \(names.count) edge policies, not 3")
  }
  return try PerAxis(x: names[0], y: names[1], z: names[2]).map { (_, name) throws(CallError) in
    guard let edge = EdgePolicy(String(name)) else {
      let all = EdgePolicy.allCases.map(\.description).joined(separator: ", ")
      throw CallError(.invalidArgument, "edge policy '\(name)' is not one of \(all)")
    }
    return edge
  }
}

/// Makes a grid.
///
/// - Parameters:
///   - image: three sizes, x first, as in all functions.
///   - overlap: three overlaps, in voxels or parts of the patch.
///   - isFraction: for each axis, 1 where the overlap is a part.
///   - edge: three names, separated by commas.
///   - padding: a name, such as `constant:-1024`.
///   - order: `x` or `z`.
///   - result: takes the number of the grid.
@c(voxtile_grid_new)
public func gridNew(
  _ image: UnsafePointer<Int>?, _ patch: UnsafePointer<Int>?, _ overlap: UnsafePointer<Double>?,
  _ isFraction: UnsafePointer<UInt8>?, _ edge: UnsafePointer<CChar>?, _ padding: UnsafePointer<CChar>?,
  _ order: UnsafePointer<CChar>?, _ result: UnsafeMutablePointer<Int>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    let result = try Memory(result, count: 1, name: "result")
    let paddingName = try text(padding, name: "padding")
    guard let padding = Padding(paddingName) else {
      throw CallError(
        .invalidArgument,
        "padding '\(paddingName)' is not constant, constant:NUMBER, edge, reflect, symmetric or wrap")
    }
    let orderName = try text(order, name: "order")
    guard let order = PatchOrder(rawValue: orderName) else {
      throw CallError(.invalidArgument, "order '\(orderName)' is not x or z")
    }
    let settings = GridSettings(
      patch: try extent(patch, name: "patch"), overlap: try overlaps(overlap, isFraction),
      edge: try edges(try text(edge, name: "edge")), padding: padding, order: order)
    let grid = try PatchGrid(over: try extent(image, name: "shape"), settings: settings)
    result.buffer[0] = HandleTable.insert(GridObject(grid))
  }
}

/// Describes a grid: patches, patches along each axis, patch, stride, voxels of the image, in a patch, and in all patches, and
/// the patches that a merger holds at most. 13 numbers.
@c(voxtile_grid_info)
public func gridInfo(
  _ handle: Int, _ numbers: UnsafeMutablePointer<Int>?, _ capacity: Int,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    let grid = try HandleTable.object(handle, as: GridObject.self).grid
    let info =
      [grid.count] + grid.counts.all + grid.patch.sizes.all + grid.stride.all
      + [
        grid.axes.all.reduce(1) { $0 * $1.coveredVoxels },
        grid.axes.all.reduce(1) { $0 * $1.voxelsOfPatches },
        grid.maxPatchesHeldByMerger,
      ]
    try copy(info, to: try Memory(numbers, count: capacity, name: "numbers"))
  }
}

/// Describes a patch: its place in the grid, origin, size, and origin and size of the part inside the image. 15 numbers.
@c(voxtile_grid_patch)
public func gridPatch(
  _ handle: Int, _ index: Int, _ numbers: UnsafeMutablePointer<Int>?, _ capacity: Int,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    let patch = try HandleTable.object(handle, as: GridObject.self).patch(index)
    let (place, region, valid) = (patch.gridPosition, patch.region, patch.valid)
    let info =
      [place.x, place.y, place.z, region.origin.x, region.origin.y, region.origin.z] + region.extent.sizes.all
      + [valid.origin.x, valid.origin.y, valid.origin.z] + valid.extent.sizes.all
    try copy(info, to: try Memory(numbers, count: capacity, name: "numbers"))
  }
}

/// For each coordinate of an axis (0 is x), how many patches hold it; as many numbers as the image is long there.
@c(voxtile_grid_coverage)
public func gridCoverage(
  _ handle: Int, _ axis: Int32, _ numbers: UnsafeMutablePointer<Int>?, _ capacity: Int,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    let grid = try HandleTable.object(handle, as: GridObject.self).grid
    guard (0...2).contains(axis) else { throw CallError(.invalidArgument, "axis \(axis) is not 0, 1 or 2") }
    try grid.checkAxes()
    try copy(grid.coverage.counts.all[Int(axis)], to: try Memory(numbers, count: capacity, name: "numbers"))
  }
}

private func copy(_ values: [Int], to memory: Memory<Int>) throws(CallError) {
  guard values.count == memory.buffer.count else {
    throw CallError(
      .invalidArgument, "there are \(values.count) numbers, and room for \(memory.buffer.count)")
  }
  _ = memory.buffer.update(fromContentsOf: values)
}

extension PatchGrid {
  /// Throws where an axis is so long that numbers for each of its coordinates, which a merge and a coverage keep, might not fit in
  /// memory. A grid itself may be as long.
  func checkAxes() throws(CallError) {
    let longest = 1 << 26
    for axis in Axis.allCases where extent[axis] > longest {
      throw CallError(
        .invalidArgument,
        "the image has \(extent[axis]) voxels along \(axis), more than \(longest), which is not merged")
    }
  }
}

extension AxisTiling {
  /// The coordinates that some patch holds.
  fileprivate var coveredVoxels: Int {
    var (covered, end) = (0, 0)
    for patch in starts.indices {
      let range = validRange(at: patch)
      covered += max(0, range.upperBound - max(range.lowerBound, end))
      end = max(end, range.upperBound)
    }
    return covered
  }

  /// The lengths of all patches together.
  fileprivate var voxelsOfPatches: Int { starts.indices.reduce(0) { $0 + range(at: $1).count } }
}
