import Voxtile

/// A merger that a caller holds, whatever its scalar type.
class MergerObject: @unchecked Sendable {
  let grid: PatchGrid
  init(grid: PatchGrid) { self.grid = grid }

  func add<Value: VoxelScalar>(_ image: ForeignImage<Value>, at patch: Patch) throws {
    preconditionFailure("a merger has a scalar type")
  }
  func checkComplete() throws { preconditionFailure("a merger has a scalar type") }
}

/// A merger into memory of the caller's.
///
/// Unchecked as its base is: both only have constants, and the merger has a lock of its own.
final class TypedMerger<Scalar: VoxelScalar>: MergerObject, @unchecked Sendable {
  private let merger: MemoryMerger<Scalar>

  init(grid: PatchGrid, settings: MergeSettings, channels: Int, memory: Memory<Scalar>) throws {
    merger = try MemoryMerger(grid: grid, settings: settings, channels: channels, into: memory.buffer)
    super.init(grid: grid)
  }

  override func add<Value: VoxelScalar>(_ image: ForeignImage<Value>, at patch: Patch) throws {
    try merger.add(
      copying: image.memory.buffer.span, channels: image.channels, lying: image.layout, at: patch)
  }
  override func checkComplete() throws { try merger.checkComplete() }
}

/// The blend of a name; `gaussian` and `vote:gaussian` take a sigma.
func blend(_ name: String, sigma: Double) throws(CallError) -> Blend {
  guard let blend = Blend(name: name) else {
    let all = Blend.all.map(\.name).joined(separator: ", ")
    throw CallError(.invalidArgument, "blend '\(name)' is not one of \(all)")
  }
  guard sigma > 0, sigma.isFinite else {
    throw CallError(.invalidArgument, "sigma is \(sigma), not a finite number above 0")
  }
  return switch name {
  case Blend.gaussian.name: .gaussian(sigma: sigma)
  case Blend.majority(.gaussian()).name: .majority(.gaussian(sigma: sigma))
  default: blend
  }
}

/// The settings of a merge.
func settings(
  of grid: PatchGrid, blend: Blend, fill: Double, nan: String, absent: UnsafeBufferPointer<Int>, jobs: Jobs
) throws(CallError) -> MergeSettings {
  let policy: NaNPolicy? =
    switch nan {
    case "propagate": .propagate
    case "ignore": .ignore
    case "error": .error
    default: nil
    }
  guard let policy else {
    throw CallError(.invalidArgument, "NaN policy '\(nan)' is not propagate, ignore or error")
  }
  if let wrong = absent.first(where: { !grid.indices.contains($0) }) {
    throw CallError(.invalidArgument, "absent patch \(wrong) is not in a grid of \(grid.count) patches")
  }
  return MergeSettings(blend: blend, fill: fill, nan: policy, absentPatches: Set(absent), jobs: jobs)
}

/// Makes a merger into an array, which has to stay until the merger is closed.
///
/// - Parameters:
///   - type: the scalar type of the array.
///   - memory: the array, of shape `(channels, depth, height, width)`.
///   - absent: the numbers of patches that will not come; may be null where there are none.
///   - result: takes the number of the merger.
@c(voxtile_merger_new)
public func mergerNew(
  _ handle: Int, _ type: UnsafePointer<CChar>?, _ channels: Int, _ memory: UnsafeMutableRawPointer?,
  _ count: Int,
  _ blendName: UnsafePointer<CChar>?, _ sigma: Double, _ fill: Double, _ nan: UnsafePointer<CChar>?,
  _ absent: UnsafePointer<Int>?, _ absentCount: Int, _ threads: Int, _ result: UnsafeMutablePointer<Int>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    let grid = try HandleTable.object(handle, as: GridObject.self).grid
    try grid.checkAxes()
    let result = try Memory(result, count: 1, name: "result")
    guard absentCount >= 0, absentCount == 0 || absent != nil else {
      throw CallError(.invalidArgument, "there are \(absentCount) absent patches, at no address")
    }
    let settings = try settings(
      of: grid, blend: try blend(try text(blendName, name: "blend"), sigma: sigma), fill: fill,
      nan: try text(nan, name: "the NaN policy"),
      absent: UnsafeBufferPointer(start: absent, count: absentCount),
      jobs: try jobs(threads))
    func make<Scalar: VoxelScalar>(_ type: Scalar.Type) throws -> MergerObject {
      try TypedMerger<Scalar>(
        grid: grid, settings: settings, channels: channels,
        memory: try Memory(memory, count: count, name: "the result"))
    }
    result.buffer[0] = HandleTable.insert(try make(try scalarType(type)))
  }
}

/// Adds a patch, which is copied.
///
/// - Parameters:
///   - index: the number of the patch.
///   - type: the scalar type of its values.
///   - source: the first value of the patch, how many may be read from there on, and from one value to the next along x, y,
///     z and channels, in values.
@c(voxtile_merger_add)
public func mergerAdd(
  _ handle: Int, _ index: Int, _ type: UnsafePointer<CChar>?, _ channels: Int,
  _ source: UnsafeMutableRawPointer?,
  _ count: Int, _ strides: UnsafePointer<Int>?, _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    let merger = try HandleTable.object(handle, as: MergerObject.self)
    guard merger.grid.indices.contains(index) else {
      throw CallError(.invalidArgument, "patch \(index) is not in a grid of \(merger.grid.count) patches")
    }
    let patch = merger.grid[index]
    func add<Value: VoxelScalar>(_ type: Value.Type) throws {
      let image = try ForeignImage<Value>(
        source, count: count, strides: strides, channels: channels, extent: patch.region.extent,
        name: "the patch")
      try merger.add(image, at: patch)
    }
    try add(try scalarType(type))
  }
}

/// Makes sure that every patch has come.
@c(voxtile_merger_check)
public func mergerCheck(
  _ handle: Int, _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) { try HandleTable.object(handle, as: MergerObject.self).checkComplete() }
}
