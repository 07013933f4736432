import Voxtile

/// A patch with a weight for each of its voxels, and where it lies in an image; sizes and places x first.
private struct WeightedPatch {
  let image: Extent
  let region: Region
  let channels: Int

  init(
    image: UnsafePointer<Int>?, origin: UnsafePointer<Int>?, patch: UnsafePointer<Int>?, channels: Int
  ) throws(CallError) {
    let sizes = try triple(image, name: "the image")
    let start = try triple(origin, name: "the origin")
    let lengths = try triple(patch, name: "the patch")
    for axis in Axis.allCases {
      let end = start[axis].addingReportingOverflow(lengths[axis])
      guard start[axis] >= 0, lengths[axis] >= 1, !end.overflow, end.partialValue <= sizes[axis] else {
        throw CallError(
          .invalidArgument,
          "along \(axis), \(lengths[axis]) voxels from \(start[axis]) on are not inside an image of \(sizes[axis])"
        )
      }
    }
    self.image = Extent(sizes)
    try checkCount(channels: channels, of: self.image, name: "the image")
    region = Region(origin: Position(x: start.x, y: start.y, z: start.z), extent: Extent(lengths))
    self.channels = channels
  }

  /// Calls a body for each row of a slice of the patch, with where it starts in the patch and in the image.
  func forEachRow(ofSlice slice: Int, _ body: (_ patch: Int, _ image: Int) -> Void) {
    for row in 0..<region.extent.height {
      body(
        (slice * region.extent.height + row) * region.extent.width,
        ((region.origin.z + slice) * image.height + region.origin.y + row) * image.width + region.origin.x)
    }
  }
}

/// Adds a patch times its weights to sums, and its weights to totals, in 32-bit floats.
///
/// - Parameters:
///   - values: the patch, of shape `(channels, depth, height, width)`.
///   - weights: one for each voxel of the patch.
///   - sums: of the image, of shape `(channels, depth, height, width)`.
///   - totals: of the image, one for each voxel; may be null.
@c(voxtile_sums_add)
public func sumsAdd(
  _ image: UnsafePointer<Int>?, _ origin: UnsafePointer<Int>?, _ patch: UnsafePointer<Int>?, _ channels: Int,
  _ values: UnsafeMutablePointer<Float>?, _ valueCount: Int, _ weights: UnsafeMutablePointer<Float>?,
  _ weightCount: Int, _ sums: UnsafeMutablePointer<Float>?, _ sumCount: Int,
  _ totals: UnsafeMutablePointer<Float>?,
  _ threads: Int, _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    let place = try WeightedPatch(image: image, origin: origin, patch: patch, channels: channels)
    let (area, whole) = (place.region.voxelCount, place.image.voxelCount)
    guard valueCount == area * channels, weightCount == area, sumCount == whole * channels else {
      throw CallError(
        .invalidArgument,
        "\(channels) channels of a patch of \(place.region.extent) in an image of \(place.image) are not \(valueCount) "
          + "values, \(weightCount) weights and \(sumCount) sums")
    }
    nonisolated(unsafe) let values = try Memory(values, count: valueCount, name: "the values").buffer
    nonisolated(unsafe) let weights = try Memory(weights, count: weightCount, name: "the weights").buffer
    nonisolated(unsafe) let sums = try Memory(sums, count: sumCount, name: "the sums").buffer
    nonisolated(unsafe) let totals = try totals.map { address in
      try Memory(address, count: whole, name: "the totals").buffer
    }
    let width = place.region.extent.width
    // Each slice is one thread's.
    forEach(place.region.extent.depth, jobs: try jobs(threads)) { slice in
      place.forEachRow(ofSlice: slice) { source, target in
        let factors = UnsafeBufferPointer(rebasing: weights[source..<source + width])
        for channel in 0..<channels {
          add(
            UnsafeBufferPointer(rebasing: values[channel * area + source..<channel * area + source + width]),
            times: factors,
            to: UnsafeMutableBufferPointer(
              rebasing: sums[channel * whole + target..<channel * whole + target + width]))
        }
        guard let totals else { return }
        for index in 0..<width { totals[target + index] += factors[index] }
      }
    }
  }
}

private func add(
  _ values: UnsafeBufferPointer<Float>, times weights: UnsafeBufferPointer<Float>,
  to sums: UnsafeMutableBufferPointer<Float>
) {
  for index in 0..<sums.count { sums[index] += values[index] * weights[index] }
}

/// Divides sums by totals, in place.
@c(voxtile_sums_divide)
public func sumsDivide(
  _ channels: Int, _ sums: UnsafeMutablePointer<Float>?, _ totals: UnsafeMutablePointer<Float>?,
  _ voxels: Int,
  _ threads: Int, _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  call(error) {
    let count = voxels.multipliedReportingOverflow(by: channels)
    guard channels >= 1, voxels >= 1, !count.overflow else {
      throw CallError(.invalidArgument, "\(channels) channels of \(voxels) voxels cannot be divided")
    }
    nonisolated(unsafe) let sums = try Memory(sums, count: count.partialValue, name: "the sums").buffer
    nonisolated(unsafe) let totals = try Memory(totals, count: voxels, name: "the totals").buffer
    let run = 1 << 16
    let runs = (voxels + run - 1) / run
    forEach(runs, jobs: try jobs(threads)) { part in
      for channel in 0..<channels {
        for index in part * run..<min(voxels, (part + 1) * run) {
          sums[channel * voxels + index] /= totals[index]
        }
      }
    }
  }
}
