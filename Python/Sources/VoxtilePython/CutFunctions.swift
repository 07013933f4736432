import Dispatch
import Voxtile

/// The scalar type of a name, such as `float32`.
package func scalarType(_ name: UnsafePointer<CChar>?) throws(CallError) -> any VoxelScalar.Type {
  let name = try text(name, name: "the scalar type")
  guard let type = ScalarType(rawValue: name) else {
    let all = ScalarType.allCases.map(\.rawValue).joined(separator: ", ")
    throw CallError(.invalidArgument, "scalar type '\(name)' is not one of \(all)")
  }
  return type.type
}

/// Cuts one patch out of an array into another.
///
/// - Parameters:
///   - type: the scalar type of both.
///   - source: the image: its first value, how many may be read from there on, and from one value to the next along x, y, z
///     and channels, in values.
///   - target: memory for exactly the patch, of shape `(channels, depth, height, width)`.
@c(voxtile_grid_cut)
public func gridCut(
  _ handle: Int, _ index: Int, _ type: UnsafePointer<CChar>?, _ channels: Int,
  _ source: UnsafeMutableRawPointer?,
  _ sourceCount: Int, _ strides: UnsafePointer<Int>?, _ target: UnsafeMutableRawPointer?, _ targetCount: Int,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    let grid = try HandleTable.object(handle, as: GridObject.self)
    let patch = try grid.patch(index)
    try checkCount(channels: channels, of: patch.region.extent, name: "the patch")
    func cut<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
      let image = try ForeignImage<Scalar>(
        source, count: sourceCount, strides: strides, channels: channels, extent: grid.grid.extent,
        name: "the array")
      let memory = try Memory<Scalar>(target, count: targetCount, name: "the target")
      try memory.checkApart(from: image.memory, "the array and the patch")
      var part = memory.buffer.mutableSpan
      try grid.grid.cut(
        patch, channels: channels, from: image.memory.buffer.span, lying: image.layout, into: &part)
    }
    try cut(try scalarType(type))
  }
}

/// Cuts several patches of one size, from a number on, into memory for exactly those, one after another.
@c(voxtile_grid_cut_some)
public func gridCutSome(
  _ handle: Int, _ first: Int, _ count: Int, _ type: UnsafePointer<CChar>?, _ channels: Int,
  _ source: UnsafeMutableRawPointer?, _ sourceCount: Int, _ strides: UnsafePointer<Int>?,
  _ target: UnsafeMutableRawPointer?, _ targetCount: Int, _ threads: Int,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    let grid = try HandleTable.object(handle, as: GridObject.self)
    guard first >= 0, count >= 1, count <= grid.grid.count, first <= grid.grid.count - count else {
      throw CallError(
        .invalidArgument, "patches \(first) and \(count) on are not in a grid of \(grid.grid.count) patches")
    }
    func cut<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
      let image = try ForeignImage<Scalar>(
        source, count: sourceCount, strides: strides, channels: channels, extent: grid.grid.extent,
        name: "the array")
      let memory = try Memory<Scalar>(target, count: targetCount, name: "the target")
      try memory.checkApart(from: image.memory, "the array and the patches")
      try cutSome(first..<first + count, of: grid.grid, from: image, into: memory, jobs: try jobs(threads))
    }
    try cut(try scalarType(type))
  }
}

/// Cuts a run of patches, each thread into parts of its own.
private func cutSome<Scalar: VoxelScalar>(
  _ patches: Range<Int>, of grid: PatchGrid, from image: ForeignImage<Scalar>, into memory: Memory<Scalar>,
  jobs: Jobs
) throws {
  let extent = grid[patches.lowerBound].region.extent
  guard patches.allSatisfy({ grid[$0].region.extent == extent }) else {
    throw CallError(
      .invalidArgument, "patches of several sizes do not make one array; cut them one at a time")
  }
  // No overflow: a grid makes sure that the voxels of all its patches can be counted, and the image that its channels can.
  let size = extent.voxelCount.multipliedReportingOverflow(by: image.channels)
  let needed = size.partialValue.multipliedReportingOverflow(by: patches.count)
  guard !size.overflow, !needed.overflow, needed.partialValue == memory.buffer.count else {
    throw CallError(
      .invalidArgument,
      "\(patches.count) patches of \(image.channels) x \(extent) do not fit memory for \(memory.buffer.count) values"
    )
  }
  // Each index has a part of the target of its own, and the image is only read.
  nonisolated(unsafe) let (image, target) = (image, memory.buffer)
  forEach(patches.count, jobs: jobs) { number in
    let part = target.extracting(number * size.partialValue..<(number + 1) * size.partialValue)
    var span = part.mutableSpan
    // Everything that it refuses was checked above.
    try? grid.cut(
      grid[patches.lowerBound + number], channels: image.channels, from: image.memory.buffer.span,
      lying: image.layout,
      into: &span)
  }
}

/// Runs a body once for each index, spread over threads.
func forEach(_ count: Int, jobs: Jobs, _ body: @Sendable (Int) -> Void) {
  let shares = min(jobs.count, count)
  guard shares > 1 else {
    for index in 0..<count { body(index) }
    return
  }
  DispatchQueue.concurrentPerform(iterations: shares) { share in
    for index in share * count / shares..<(share + 1) * count / shares { body(index) }
  }
}
