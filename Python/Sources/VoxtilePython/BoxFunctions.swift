import Voxtile

/// Merges one box of an image from the patches over it.
///
/// The values are those that a merger of the whole image gives.
///
/// - Parameters:
///   - start: the first voxel of the box along x, y and z.
///   - size: its size.
///   - type: the scalar type of the patches.
///   - patchCount: how many patches there are; those that have no voxel in the box are not looked at.
///   - indices: the number of each.
///   - addresses: the first value of each.
///   - counts: how many values may be read from there on.
///   - strides: for each patch from one value to the next along x, y, z and channels, in values.
///   - resultType: the scalar type of the result.
///   - target: memory for exactly the box, of shape `(channels, depth, height, width)`.
@c(voxtile_grid_merge_box)
public func gridMergeBox(
  _ handle: Int, _ start: UnsafePointer<Int>?, _ size: UnsafePointer<Int>?, _ type: UnsafePointer<CChar>?,
  _ channels: Int, _ patchCount: Int, _ indices: UnsafePointer<Int>?, _ addresses: UnsafePointer<Int>?,
  _ counts: UnsafePointer<Int>?, _ strides: UnsafePointer<Int>?, _ resultType: UnsafePointer<CChar>?,
  _ target: UnsafeMutableRawPointer?, _ targetCount: Int, _ blendName: UnsafePointer<CChar>?, _ sigma: Double,
  _ fill: Double, _ nan: UnsafePointer<CChar>?, _ threads: Int,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    let grid = try HandleTable.object(handle, as: GridObject.self).grid
    try grid.checkAxes()
    let region = try region(start, size, in: grid.extent)
    try checkCount(channels: channels, of: region.extent, name: "the box")
    guard patchCount >= 1, let indices, let addresses, let counts, let strides else {
      throw CallError(.invalidArgument, "there are \(patchCount) patches, or their places are null")
    }
    let settings = try settings(
      of: grid, blend: try blend(try text(blendName, name: "blend"), sigma: sigma), fill: fill,
      nan: try text(nan, name: "the NaN policy"), absent: UnsafeBufferPointer(start: nil, count: 0),
      jobs: try jobs(threads))

    func images<Value: VoxelScalar>(_ type: Value.Type) throws -> [Int: ForeignImage<Value>] {
      var images: [Int: ForeignImage<Value>] = [:]
      for number in 0..<patchCount {
        let index = indices[number]
        guard grid.indices.contains(index) else {
          throw CallError(.invalidArgument, "patch \(index) is not in a grid of \(grid.count) patches")
        }
        images[index] = try ForeignImage(
          UnsafeMutableRawPointer(bitPattern: addresses[number]), count: counts[number],
          strides: strides + 4 * number, channels: channels, extent: grid[index].region.extent,
          name: "patch \(index)")
      }
      return images
    }
    func merge<Value: VoxelScalar, Result: VoxelScalar>(_ type: Value.Type, _ result: Result.Type) throws {
      // Patches are only read.
      nonisolated(unsafe) let images = try images(Value.self)
      let memory = try Memory<Result>(target, count: targetCount, name: "the box")
      let merged = try RegionMerger<Result>(grid: grid, settings: settings).merge(
        region, channels: channels, of: Value.self
      ) { patch, part in
        guard let image = images[patch.index] else {
          throw VoxtileError(.missingPatch, "patch \(patch.index) lies over the box, but it is not there")
        }
        return try image.volume(of: part, at: patch.region.origin)
      }
      guard memory.buffer.count == merged.voxels.count else {
        throw CallError(
          .invalidArgument,
          "\(channels) channels of \(region.extent) voxels do not fit memory for \(memory.buffer.count) values"
        )
      }
      _ = memory.buffer.update(fromContentsOf: merged.voxels)
    }
    try merge(try scalarType(type), try scalarType(resultType))
  }
}

/// A box of an image, which has at least one voxel.
package func region(
  _ start: UnsafePointer<Int>?, _ size: UnsafePointer<Int>?, in extent: Extent
) throws(CallError) -> Region {
  let (start, size) = (
    try triple(start, name: "the start of the box"), try triple(size, name: "the size of the box")
  )
  for axis in Axis.allCases {
    guard size[axis] >= 1, start[axis] >= 0, start[axis] <= extent[axis] - size[axis] else {
      throw CallError(
        .invalidArgument,
        "the box has \(size[axis]) voxels from \(start[axis]) on along \(axis), but the image has \(extent[axis])"
      )
    }
  }
  return Region(origin: Position(x: start.x, y: start.y, z: start.z), extent: Extent(size))
}

extension ForeignImage {
  /// A part of the image.
  ///
  /// - Parameters:
  ///   - region: the part, in voxels of the image that `origin` counts in.
  ///   - origin: where this image starts.
  func volume(of region: Region, at origin: Position) throws -> Volume<Scalar> {
    let start =
      (region.origin.x - origin.x) * layout.column + (region.origin.y - origin.y) * layout.row
      + (region.origin.z - origin.z) * layout.slice
    let values = UnsafeBufferPointer(memory.buffer.extracting(start...))
    return try Volume(extent: region.extent, channels: channels, copying: values.span, lying: layout)
  }
}
